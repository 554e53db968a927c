#!lua flags=no-writes
local messages, posts, changes = unpack(KEYS)
if redis.call('HEXISTS', messages, ARGV[1]) == 0 then return {} end
return stored(messages, posts, changes, { ARGV[1] }, 0)
