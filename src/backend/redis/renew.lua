#!lua
-- Begins a new epoch, unless somebody else just did: `lost` is the epoch that cannot go on.
local channel, lost, next_epoch = unpack(ARGV)
local epoch = redis.call('HGET', KEYS[1], 'epoch') or lost
if epoch ~= lost then return 0 end
renew(KEYS[1], channel, next_epoch, (server_history()))
return 1
