Rails.application.routes.draw do
  root "chats#show"
  get "chat-token", to: "chat_tokens#show"
  resource :session, only: %i[new create destroy]
end
