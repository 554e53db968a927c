#!lua flags=allow-cross-slot-keys
-- Begins a room that is being restored, or has it begin later. Returns 0 where it has another log.
local head = KEYS[1]
local lineage_key, _, epoch, seq, tag, next_epoch = unpack(ARGV)
local known = redis.call('HMGET', head, 'epoch', 'seq', 'trimmedSeq')
if known[1] and known[1] ~= epoch then return 0 end
-- As an append notes it, which would take the log for one that is over otherwise.
redis.call('HSET', head, 'epoch', epoch, 'lineage', (require_lineage(lineage_key, next_epoch)))
if tonumber(seq) > tonumber(known[3] or 0) then redis.call('HSET', head, 'trimmedSeq', seq, 'trimmedTag', tag) end
if not known[2] or tonumber(seq) > tonumber(known[2]) then redis.call('HSET', head, 'seq', seq, 'tag', tag) end
return 1
