# The element asks here, with the session's cookie, whenever it needs a token. A GET that changes nothing needs no CSRF
# token, and pages of other sites cannot read what it answers, since no CORS header lets them.
class ChatTokensController < ApplicationController
  def show
    return head :unauthorized unless current_user

    response.headers["Cache-Control"] = "no-store"
    render json: { token: ChatToken.for(current_user) }
  end
end
