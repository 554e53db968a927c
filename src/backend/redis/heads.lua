#!lua flags=no-writes
-- Where many rooms stand: for each its epoch, seq and tag, and 1 where its epoch belongs to an earlier server than this one.
local server, is_continued = server_history()
local heads = {}
for i, key in ipairs(KEYS) do
  local head = redis.call('HMGET', key, 'epoch', 'seq', 'tag', 'server')
  local is_void = head[1] and head[4] ~= server and is_continued
  heads[i] = { head[1], head[2], head[3], is_void and 1 or 0 }
end
return heads
