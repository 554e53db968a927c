#!lua
-- Who one process holds in a room. A user may be held by several; the last to let go ends their membership.
--
-- `since` is when what is said began to be true: the process then got a new connection or a new lease, or was found to have none. Where
-- something newer has been said, this was on its way for too long, and is void. Returns how new that is, or 0.
local members, holders, held, newest = unpack(KEYS)
-- One by one: many members are more than unpack() takes.
local action, channel, process, since = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- Longer than any line holds back what was sent.
local REMEMBERED_MS = 3600000

local known = redis.call('GET', newest)
if known and tonumber(known) > tonumber(since) then return known end

local function hold(user, json)
  local holding = redis.call('HGET', holders, user)
  if redis.call('SADD', held, user) == 1 then
    redis.call('HSET', holders, user, holding and holding .. ' ' .. process or process)
  end
  redis.call('HSET', members, user, json)
end

local function let_go(user)
  if redis.call('SREM', held, user) == 0 then return false end
  local others = {}
  for holder in string.gmatch(redis.call('HGET', holders, user) or '', '%S+') do
    if holder ~= process then others[#others + 1] = holder end
  end
  if #others > 0 then
    redis.call('HSET', holders, user, table.concat(others, ' '))
    return false
  end
  redis.call('HDEL', holders, user)
  redis.call('HDEL', members, user)
  return true
end

local is_news = true
if action == 'enter' then
  hold(ARGV[5], ARGV[6])
elseif action == 'exit' then
  is_news = let_go(ARGV[5])
else
  -- 'hold': exactly the users named, each followed by their JSON.
  redis.call('SET', newest, since, 'PX', REMEMBERED_MS)
  local named = {}
  for i = 5, #ARGV, 2 do
    named[ARGV[i]] = true
    hold(ARGV[i], ARGV[i + 1])
  end
  for _, user in ipairs(redis.call('SMEMBERS', held)) do
    if not named[user] then let_go(user) end
  end
end
if is_news then redis.call('SPUBLISH', channel, 'p') end
return 0
