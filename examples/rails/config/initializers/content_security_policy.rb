# The chat needs its own origin for its script and for its WebSocket, and nothing else.
Rails.application.config.content_security_policy do |policy|
  natter = Rails.application.config.x.natter.url
  policy.default_src :self
  policy.script_src :self, natter
  policy.connect_src :self, natter, natter.sub(/\Ahttp/, "ws")
  policy.object_src :none
end
