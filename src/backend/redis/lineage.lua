#!lua flags=allow-oom
-- Notes which server this is, and whether it goes on with its lineage. A process names the one it knows, and the last beat of it that
-- it was told: a server that has not come so far has lost what came since.
local key = KEYS[1]
local known_name, known_beat, next_name, next_epoch = unpack(ARGV)
local history = server_history()

-- The process also names what it knows by other keys: history, name, epoch, and whether it has lost something. If that is this server's
-- history, the slot of its note was moved to another server of the cluster.
if redis.call('HGET', key, 'history') ~= history then
  for i = 5, #ARGV, 4 do
    if ARGV[i] == history then
      redis.call('DEL', key)
      redis.call('HSET', key, 'history', history, 'name', ARGV[i + 1], 'epoch', ARGV[i + 2])
      if ARGV[i + 3] == '1' then redis.call('HSET', key, 'hasLost', '1') end
    end
  end
end

local name, epoch = find_lineage(key)
local has_lost = name == known_name and (tonumber(redis.call('HGET', key, 'beat')) or 0) < tonumber(known_beat)
if name and not has_lost then
  note_server(key)
else
  name, epoch = begin_lineage(key, next_name, next_epoch)
end
return { name, redis.call('HINCRBY', key, 'beat', 1), epoch, history, redis.call('HGET', key, 'hasLost') or '' }
