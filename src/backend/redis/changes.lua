#!lua flags=no-writes,allow-cross-slot-keys
-- What changed after a position, or why that cannot be told.
local head, messages, posts, changes, log = unpack(KEYS)
local lineage_key, _, epoch, seq, tag, limit, max_bytes = unpack(ARGV)

local known = redis.call('HMGET', head, 'epoch', 'seq', 'tag', 'trimmedSeq', 'trimmedTag')
local end_epoch, end_seq, end_tag = epoch_of(known[1], lineage_key), known[2] or '0', known[3] or ''
local since, trimmed = tonumber(seq), tonumber(known[4] or 0)
if epoch ~= end_epoch then return { 'reset', 'epoch' } end
if since > tonumber(end_seq) then return { 'reset', 'ahead' } end
if since < trimmed then return { 'reset', 'trimmed' } end

if since > 0 then
  local there
  if since == trimmed then
    there = known[5]
  else
    local entry = redis.call('XRANGE', log, seq .. '-0', seq .. '-0')[1]
    there = entry and entry[2][2]
  end
  if tag ~= there then return { 'reset', 'fork' } end
end

local ids = redis.call('ZRANGE', changes, '(' .. seq, '+inf', 'BYSCORE', 'LIMIT', 0, tonumber(limit) + 1)
return { 'resumed', end_epoch, end_seq, end_tag, stored(messages, posts, changes, ids, tonumber(max_bytes)) }
