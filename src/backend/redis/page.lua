#!lua flags=no-writes,allow-cross-slot-keys
-- The messages on one side or both sides of an edge, one more than fits a page on each.
local head, messages, posts, changes = unpack(KEYS)
local lineage_key, _, side, edge, limit, max_bytes = unpack(ARGV)
limit, max_bytes = tonumber(limit) + 1, tonumber(max_bytes)

local function rows(ids)
  return stored(messages, posts, changes, ids, max_bytes)
end
local function older(than, count)
  return redis.call('ZRANGE', posts, than, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, count)
end
local function newer(than, count)
  return redis.call('ZRANGE', posts, than, '+inf', 'BYSCORE', 'LIMIT', 0, count)
end

local known = redis.call('HMGET', head, 'epoch', 'seq', 'tag')
local stands = { epoch_of(known[1], lineage_key), known[2] or '0', known[3] or '' }
if side == 'before' then return { stands, rows(older('(' .. edge, limit)), #newer(edge, 1) } end
if side == 'after' then return { stands, rows(newer('(' .. edge, limit)), #older(edge, 1) } end

local seq = redis.call('ZSCORE', posts, edge)
if not seq then return false end
return { stands, rows({ edge }), rows(older('(' .. seq, limit)), rows(newer('(' .. seq, limit)) }
