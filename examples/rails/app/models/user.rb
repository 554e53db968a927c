# Stands for your table of users, and for whatever signs them in.
User = Struct.new(:id, :name, :password, keyword_init: true) do
  def self.find_by_id(id)
    self::ALL.find { |user| user.id == id }
  end

  def self.authenticate(name, password)
    self::ALL.find { |user| user.name == name && ActiveSupport::SecurityUtils.secure_compare(user.password, password) }
  end
end

User::ALL = [
  User.new(id: 1, name: "Ada", password: "analytical"),
  User.new(id: 2, name: "Grace", password: "nanosecond")
].freeze
