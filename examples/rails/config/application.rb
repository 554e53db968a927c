require "rails"
require "action_controller/railtie"
require "action_view/railtie"
require "jwt"

class Shop < Rails::Application
  config.load_defaults 6.1
  config.eager_load = Rails.env.production?
  config.logger = ActiveSupport::Logger.new($stdout)

  # Where browsers find the chat, and what it checks tokens with: the same secret as in Natter's environment.
  config.x.natter.url = ENV.fetch("NATTER_URL", "http://localhost:5000")
  config.x.natter.token_secret = ENV.fetch("NATTER_TOKEN_SECRET")
  config.x.natter.token_seconds = Integer(ENV.fetch("CHAT_TOKEN_SECONDS", 300))
end
