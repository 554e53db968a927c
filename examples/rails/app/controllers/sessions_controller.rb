class SessionsController < ApplicationController
  def new
  end

  def create
    user = User.authenticate(params[:name].to_s, params[:password].to_s)
    if user
      reset_session
      session[:user_id] = user.id
      redirect_to root_path
    else
      flash.now[:alert] = "That name and password do not belong together."
      render :new, status: :unprocessable_entity
    end
  end

  def destroy
    reset_session
    redirect_to new_session_path
  end
end
