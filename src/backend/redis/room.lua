-- Put before the other scripts. All keys of a room share a hash tag, so that each of them runs on the one server that has the room.
-- Each server has one key more, its lineage, which scripts are told as an argument: docs/decisions/0043.

-- Numbers as Redis takes them: Lua's own way rounds to 14 digits.
local function text(number)
  return string.format('%.0f', number)
end

-- Milliseconds since the Unix epoch by the clock of the server that has the script's keys. Servers of a cluster have a clock each.
local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- The id of the server's replication history, and whether Redis says that it went on from another's, as a replica does when it is
-- promoted, and a primary that loaded a snapshot: it may lack what was accepted last. Redis does not say so for ever. It forgets what
-- it continues when its backlog goes (by default after an hour without replicas), and when it is restarted.
local function server_history()
  local info = redis.call('INFO', 'replication')
  local history, earlier = string.match(info, 'master_replid:(%w+)%s+master_replid2:(%w+)')
  return history, string.find(earlier, '[^0]') ~= nil
end

local function server_process()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

-- The name of the server's lineage, in which it has lost nothing that anybody knows of, and the epoch of rooms that nobody has written
-- to; nothing where it may have lost something since that was noted.
local function find_lineage(key)
  local name, epoch, noted = unpack(redis.call('HMGET', key, 'name', 'epoch', 'history'))
  local history, is_continued = server_history()
  if not name then return nil end
  if noted == history then return name, epoch end
  if is_continued then return nil end
  -- A new history that continues none: a first replica, a backlog that is gone, a restart, or a promotion that Redis has forgotten.
  local process, place = unpack(redis.call('HMGET', key, 'process', 'place'))
  if place == 'file' or (place == 'memory' and process == server_process()) then return name, epoch end
  return nil
end

-- Notes which server this is, and in each place where that is kept, which place it is: the memory of this server, also in a snapshot of
-- it, its append-only file, or a replica and whatever that one keeps. So it can be told later from where a server has what it has.
local function note_server(key)
  redis.call('HSET', key, 'history', (server_history()), 'process', server_process())
  redis.set_repl(redis.REPL_REPLICA)
  redis.call('HSET', key, 'place', 'replica')
  redis.set_repl(redis.REPL_AOF)
  redis.call('HSET', key, 'place', 'file')
  redis.set_repl(redis.REPL_NONE)
  redis.call('HSET', key, 'place', 'memory')
  redis.set_repl(redis.REPL_ALL)
end

-- Begins another lineage: from here on every room that was written in the one before is another log.
local function begin_lineage(key, name, epoch)
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'hasLost', '1') end
  redis.call('HSET', key, 'name', name, 'epoch', epoch)
  note_server(key)
  return name, epoch
end

local function require_lineage(key, next_name)
  local name, epoch = find_lineage(key)
  if name then return name, epoch end
  return begin_lineage(key, next_name, next_name)
end

-- Whether a room that was written to in the lineage `written` is another log now. `all` names the lineages of all servers of a cluster:
-- a room that came from one of them is whole, unless this server may have lost what was written to it here.
local function is_over(written, key, name, all)
  if written == name then return false end
  if not written or not string.find(' ' .. all .. ' ', ' ' .. written .. ' ', 1, true) then return true end
  return redis.call('HGET', key, 'hasLost') == '1'
end

-- The epoch of a room whose head names `epoch`, if it has a head.
local function epoch_of(epoch, lineage_key)
  return epoch or redis.call('HGET', lineage_key, 'epoch') or ''
end

-- Begins a new epoch and says so.
local function renew(head, channel, epoch, lineage)
  redis.call('HSET', head, 'epoch', epoch, 'lineage', lineage)
  redis.call('SPUBLISH', channel, 'e')
end

-- Messages as they stand, as a flat list of id, seq, rev and value (the tag of the newest change, then the body), in the order of
-- `ids`; as many as fit `max_bytes`, and one more.
local function stored(messages, posts, changes, ids, max_bytes)
  local rows, bytes = {}, 0
  for first = 1, #ids, 50 do
    local chunk = { unpack(ids, first, math.min(first + 49, #ids)) }
    local values = redis.call('HMGET', messages, unpack(chunk))
    local seqs = redis.call('ZMSCORE', posts, unpack(chunk))
    local revs = redis.call('ZMSCORE', changes, unpack(chunk))
    for i, id in ipairs(chunk) do
      rows[#rows + 1] = id
      rows[#rows + 1] = seqs[i]
      rows[#rows + 1] = revs[i]
      rows[#rows + 1] = values[i]
      bytes = bytes + #values[i]
      if bytes > max_bytes then return rows end
    end
  end
  return rows
end
