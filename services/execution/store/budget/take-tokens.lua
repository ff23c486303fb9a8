-- Takes tokens from the request budget of an account, and merges pauses that the venue demands.
-- core/budget/token-budget.ts is the same in TypeScript, with the reasons. Times are milliseconds of Redis's clock.
--
-- KEYS[1]  the budget: JSON {orders, queries: arrays of [at, tokens], oldest first; limited, banned: until when;
--          asked: when it was last asked for}
-- ARGV     1 bucket (orders or queries), 2 tokens (0 takes none), 3 limit, 4 window, 5 grain,
--          6 whether it passes a limit (1 or 0), 7 limited for, 8 banned for, 9 when it was sent (-1: now),
--          10 seconds to keep the key
-- Returns  {granted (1 or 0), wait, limited for, banned for, now}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local bucket, tokens, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local window, grain, passes = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'

local stored = redis.call('GET', KEYS[1])
local budget = stored and cjson.decode(stored) or { orders = {}, queries = {}, limited = 0, banned = 0 }

local back = math.max(0, (budget.asked or 0) - now)
local sent = tonumber(ARGV[9])
local asOf = sent < 0 and now or math.min(sent, now)
local function later(untilMs, forMs)
  if forMs > 0 then return math.max(untilMs - back, asOf + forMs) end
  return untilMs - back
end
budget.limited = later(budget.limited, tonumber(ARGV[7]))
budget.banned = later(budget.banned, tonumber(ARGV[8]))
budget.asked = now

local taken, used = {}, 0
for _, one in ipairs(budget[bucket]) do
  local at = math.min(one[1], now)
  if now - at < window then
    taken[#taken + 1] = { at, one[2] }
    used = used + one[2]
  end
end

local wait = 0
if used + tokens > limit then
  wait = window
  local left = used
  for _, one in ipairs(taken) do
    left = left - one[2]
    if left + tokens <= limit then
      wait = one[1] + window - now
      break
    end
  end
end
wait = math.max(wait, (passes and budget.banned or budget.limited) - now)

local granted = tokens > 0 and wait == 0
if granted then
  local last = taken[#taken]
  if last and math.floor(last[1] / grain) == math.floor(now / grain) then
    taken[#taken] = { now, last[2] + tokens }
  else
    taken[#taken + 1] = { now, tokens }
  end
end
budget[bucket] = taken
redis.call('SET', KEYS[1], cjson.encode(budget), 'EX', ARGV[10])
return { granted and 1 or 0, wait, math.max(0, budget.limited - now), math.max(0, budget.banned - now), now }
