#!lua flags=allow-cross-slot-keys
-- Begins a new epoch in place of `over`, unless somebody else just did. `has_lost` is 1 where the server lacks a change that a process
-- was given: then the other rooms may lack some too.
local head = KEYS[1]
local lineage_key, lineages, channel, over, has_lost, next_epoch = unpack(ARGV)
local lineage, first_epoch = require_lineage(lineage_key, next_epoch)
local epoch, written = unpack(redis.call('HMGET', head, 'epoch', 'lineage'))
if (epoch or first_epoch) ~= over then return 0 end
if has_lost == '1' and not (epoch and is_over(written, lineage_key, lineage, lineages)) then
  lineage = begin_lineage(lineage_key, next_epoch, next_epoch)
end
if epoch then renew(head, channel, next_epoch, lineage) end
return 1
