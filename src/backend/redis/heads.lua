#!lua flags=no-writes,allow-cross-slot-keys
-- Where many rooms stand: for each its epoch, seq and tag, and 1 where that epoch is over, since the server may have lost changes.
local lineage_key, lineages = unpack(ARGV)
local lineage = find_lineage(lineage_key)
local heads = {}
for i, key in ipairs(KEYS) do
  local epoch, seq, tag, written = unpack(redis.call('HMGET', key, 'epoch', 'seq', 'tag', 'lineage'))
  local is_void = not lineage or (epoch and is_over(written, lineage_key, lineage, lineages))
  heads[i] = { epoch_of(epoch, lineage_key), seq or '0', tag or '', is_void and 1 or 0 }
end
return heads
