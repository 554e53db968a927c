#!lua flags=no-writes
-- The changes after a seq as the log keeps them: the tag of each, and the messages that some of them are the newest change of.
local messages, posts, changes, log = unpack(KEYS)
local after, limit, max_bytes = unpack(ARGV)

local tags = {}
for _, entry in ipairs(redis.call('XRANGE', log, '(' .. after .. '-0', '+', 'COUNT', limit)) do
  tags[#tags + 1] = string.match(entry[1], '%d+')
  tags[#tags + 1] = entry[2][2]
end
if #tags == 0 then return { tags, 0, {} } end
local ids = redis.call('ZRANGE', changes, '(' .. after, tags[#tags - 1], 'BYSCORE')
return { tags, #ids, stored(messages, posts, changes, ids, tonumber(max_bytes)) }
