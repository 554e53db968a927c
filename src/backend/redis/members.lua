#!lua flags=no-writes
-- How many are in a room, and who, unless they are too many to name.
local count = redis.call('HLEN', KEYS[1])
if count > tonumber(ARGV[1]) then return { count, {} } end
return { count, redis.call('HVALS', KEYS[1]) }
