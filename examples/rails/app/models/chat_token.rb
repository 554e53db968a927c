# Tells Natter who the user is, for a few minutes.
module ChatToken
  def self.for(user)
    natter = Rails.configuration.x.natter
    claims = { sub: user.id.to_s, name: user.name, aud: "natter", exp: Time.now.to_i + natter.token_seconds }
    JWT.encode(claims, natter.token_secret, "HS256")
  end
end
