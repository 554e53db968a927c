-- Put before the other scripts. All keys of a room share a hash tag, so that each of them runs on the one server that has the room.

-- Numbers as Redis takes them: Lua's own way rounds to 14 digits.
local function text(number)
  return string.format('%.0f', number)
end

-- The id of the server's replication history, and whether Redis says that it went on from another's, as a replica does when it is
-- promoted: it may lack what was accepted last. Redis does not say so for ever. A promoted replica forgets what it continues when
-- its backlog goes (by default after an hour without replicas) or when it is restarted from an append-only file. It says nothing at
-- all of a snapshot that it loaded: such a server looks like one that began anew, as one does that loaded its append-only file or got
-- its first replica.
local function server_history()
  local info = redis.call('INFO', 'replication')
  local server, earlier = string.match(info, 'master_replid:(%w+)%s+master_replid2:(%w+)')
  return server, string.find(earlier, '[^0]') ~= nil
end

-- Begins a new epoch and says so.
local function renew(head, channel, epoch, server)
  redis.call('HSET', head, 'epoch', epoch, 'server', server)
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
