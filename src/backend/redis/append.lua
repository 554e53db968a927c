#!lua flags=allow-cross-slot-keys
-- One change: known again or stored, and published, or nothing of it.
local head, messages, posts, changes, log, sent, previous = unpack(KEYS)
local lineage_key, lineages, channel, id, body, digest, tag, rev, next_epoch, lifetime_ms, previous_tag = unpack(ARGV)
if redis.call('HEXISTS', lineage_key, 'isRestoring') == 1 then
  return redis.error_reply('RESTORING a chat is being moved here')
end

local known = redis.call('HMGET', head, 'epoch', 'seq', 'lineage', 'tag')
local epoch, seq, before = known[1], (tonumber(known[2]) or 0) + 1, known[4] or ''
local lineage, first_epoch = require_lineage(lineage_key, next_epoch)
if epoch and known[3] ~= lineage then
  if is_over(known[3], lineage_key, lineage, lineages) then
    epoch = next_epoch
    renew(head, channel, epoch, lineage)
  else
    redis.call('HSET', head, 'lineage', lineage)
  end
end

local earlier = redis.call('GET', sent)
if earlier then return { 'sent', epoch or first_epoch, earlier } end
-- What its sender sent before it may have been refused, if the server had forgotten this script for a moment.
if previous and string.match(redis.call('GET', previous) or '', '^%d+\n([^\n]*)') ~= previous_tag then return { 'early' } end

local post = text(seq)
if rev == '' then
  if redis.call('HEXISTS', messages, id) == 1 then return { 'conflict' } end
else
  if redis.call('ZSCORE', changes, id) ~= rev then return { 'conflict' } end
  post = redis.call('ZSCORE', posts, id)
end

local at = text(seq)
if epoch then
  redis.call('HSET', head, 'seq', at, 'tag', tag)
else
  epoch = first_epoch
  redis.call('HSET', head, 'seq', at, 'tag', tag, 'epoch', epoch, 'lineage', lineage)
end
redis.call('HSET', messages, id, tag .. body)
if rev == '' then redis.call('ZADD', posts, at, id) end
redis.call('ZADD', changes, at, id)
redis.call('XADD', log, at .. '-0', 't', tag)
redis.call('SET', sent, at .. '\n' .. tag .. '\n' .. id .. '\n' .. digest, 'PX', lifetime_ms)
redis.call('SPUBLISH', channel, 'a' .. table.concat({ epoch, at, tag, before, post, id }, ' ') .. '\n' .. body)
return { 'appended', epoch, at, tag, post, before }
