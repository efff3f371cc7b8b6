import { TENANT_SHARE } from '../../tenant-share.js';

/**
 * What all scripts share. A job is a hash whose fields hold JSON; its input lies beside it, since only the run that
 * begins it reads that. Every job stands in the set of its status, of its tenant, and of both; one that has ended also in
 * that of its tenant's ended ones. `live` and `ended` say how much each tenant has of them, `sizes` all tenants together.
 */
const COMMON = `
local prefix, id = ARGV[1], ARGV[2]
local LIVE = { 'queued', 'in_progress' }
local TERMINAL = { 'completed', 'failed', 'cancelled', 'expired' }

local function isTerminal(status)
  return status ~= 'queued' and status ~= 'in_progress'
end

local function jobKey(id)
  return prefix .. ':job:' .. id
end

local function withdrawnKey(id)
  return jobKey(id) .. ':withdrawn'
end

local function statusKey(status)
  return prefix .. ':status:' .. status
end

local function tenantKey(tenant)
  return prefix .. ':tenant:' .. tenant
end

-- The fields of a job by name; those that are null or missing are nil.
local function read(id, ...)
  local values = redis.call('HMGET', jobKey(id), ...)
  local fields = {}
  for i, name in ipairs({ ... }) do
    local value = values[i] and cjson.decode(values[i])
    if value ~= cjson.null and value ~= false then fields[name] = value end
  end
  return fields
end

-- By what a status' jobs are looked for: those that wait by their deadline, those that have ended by when they go.
local function timeOf(job)
  if isTerminal(job.status) then return job.expiresAt end
  if job.status == 'queued' and job.attempt == 0 and job.deadlineAt then return job.deadlineAt end
  return '+inf'
end

local function endedKey(tenant)
  return tenantKey(tenant) .. ':ended'
end

local RECORD_SIZE, EVENT_SIZE = 1024, 256

-- Bytes of all arguments from this one on.
local function sizeFrom(first)
  local size = 0
  for i = first, #ARGV do size = size + #ARGV[i] end
  return size
end

-- What is kept for a job, in bytes, counts for its tenant.
local function weigh(job, size)
  local kind = isTerminal(job.status) and 'ended' or 'live'
  redis.call('HINCRBY', prefix .. ':sizes', kind, size)
  redis.call('ZINCRBY', prefix .. ':' .. kind, size, job.tenant)
  redis.call('ZREMRANGEBYSCORE', prefix .. ':' .. kind, '-inf', 0)
end

local function place(id)
  local job = read(id, 'status', 'tenant', 'attempt', 'deadlineAt', 'expiresAt', 'size')
  weigh(job, job.size)
  if isTerminal(job.status) then redis.call('ZADD', endedKey(job.tenant), job.expiresAt, id) end
  redis.call('ZADD', statusKey(job.status), timeOf(job), id)
  redis.call('ZADD', tenantKey(job.tenant), 0, id)
  redis.call('ZADD', tenantKey(job.tenant) .. ':' .. job.status, 0, id)
end

local function displace(id, job)
  weigh(job, -job.size)
  redis.call('ZREM', endedKey(job.tenant), id)
  redis.call('ZREM', statusKey(job.status), id)
  redis.call('ZREM', tenantKey(job.tenant), id)
  redis.call('ZREM', tenantKey(job.tenant) .. ':' .. job.status, id)
end

local function drop(id)
  displace(id, read(id, 'status', 'tenant', 'size'))
  redis.call('ZREM', prefix .. ':unannounced', id)
  redis.call('UNLINK', jobKey(id), jobKey(id) .. ':input', jobKey(id) .. ':events')
end

local function count(keyOf, statuses)
  local count = 0
  for _, status in ipairs(statuses) do count = count + redis.call('ZCARD', keyOf(status)) end
  return count
end
`;

/**
 * Stores a new job; where there is no room, the tenant makes it whose jobs that have ended take up most, with the first of
 * them. Answers 0 when the tenant has its share of live jobs, or the job was withdrawn before it came.
 */
const insertJob = `${COMMON}
if redis.call('EXISTS', withdrawnKey(id)) == 1 then return 0 end
local tenant, maxStored, maxSize, event, input = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7]
local size = RECORD_SIZE + EVENT_SIZE + sizeFrom(6)

local function ownKey(status)
  return tenantKey(tenant) .. ':' .. status
end

local function isWithinShare(own, all, more, room)
  return own + more <= math.ceil(${String(TENANT_SHARE)} * (room - (all - own)))
end

local function sizeOf(kind)
  return tonumber(redis.call('HGET', prefix .. ':sizes', kind) or 0)
end

local live, liveSize = count(statusKey, LIVE), sizeOf('live')
local ownSize = tonumber(redis.call('ZSCORE', prefix .. ':live', tenant) or 0)
if not isWithinShare(count(ownKey, LIVE), live, 1, maxStored) then return 0 end
if not isWithinShare(ownSize, liveSize, size, maxSize) then return 0 end
while live + count(statusKey, TERMINAL) >= maxStored or liveSize + sizeOf('ended') + size > maxSize do
  local most = redis.call('ZRANGE', prefix .. ':ended', -1, -1)[1]
  if not most then return 0 end
  drop(redis.call('ZRANGE', endedKey(most), 0, 0)[1])
end
redis.call('HSET', jobKey(id), 'size', size, unpack(ARGV, 8))
redis.call('SET', jobKey(id) .. ':input', input)
redis.call('RPUSH', jobKey(id) .. ':events', event)
place(id)
return 1
`;

/**
 * Takes back a job that its caller was told is not stored. It may be all the same, or come after this.
 */
const withdrawJob = `${COMMON}
local lateMs = ARGV[3]
local job = read(id, 'status', 'attempt')
if job.status == 'queued' and job.attempt == 0 then
  drop(id)
elseif not job.status then
  redis.call('SET', withdrawnKey(id), '', 'PX', lateMs)
end
`;

/**
 * `changeJob`, stored together with its event. A change that was made already, and whose answer was lost, is not made
 * again. Answers the job, with its input where a run begins; or, to a note, 1.
 */
const updateJob = `${COMMON}
local change, isNote, from, attempt, event = ARGV[3], ARGV[4] == '1', ARGV[5], ARGV[6], ARGV[7]
local newStatus, now = ARGV[8], tonumber(ARGV[9])

local job = read(id, 'status', 'tenant', 'attempt', 'cancelRequestedAt', 'deadlineAt', 'lastChange', 'size')
if not job.status then return false end
local status = newStatus ~= '' and newStatus or job.status

local function mayChange()
  local isCancellable = status == job.status or status == 'cancelled'
  local isOverdue = job.status == 'queued' and job.attempt == 0 and job.deadlineAt and job.deadlineAt <= now
  return string.find(from, ' ' .. job.status .. ' ', 1, true)
    and (attempt == '' or tonumber(attempt) == job.attempt)
    and (isCancellable or not job.cancelRequestedAt)
    and not (newStatus == 'in_progress' and isOverdue)
end

local function store()
  local growth = sizeFrom(10) + #event + (event ~= '' and EVENT_SIZE or 0)
  if isTerminal(status) then
    growth = growth - redis.call('STRLEN', jobKey(id) .. ':input')
    redis.call('UNLINK', jobKey(id) .. ':input')
  end
  redis.call('HSET', jobKey(id), 'lastChange', change, unpack(ARGV, 10))
  redis.call('HINCRBY', jobKey(id), 'size', growth)
  if newStatus == '' then return weigh(job, growth) end
  if newStatus == 'in_progress' then redis.call('HINCRBY', jobKey(id), 'attempt', 1) end
  displace(id, job)
  place(id)
end

local function endJob()
  local job = read(id, 'webhook', 'completedAt')
  if job.webhook then redis.call('ZADD', prefix .. ':unannounced', job.completedAt or now, id) end
end

if job.lastChange ~= cjson.decode(change) then
  if not mayChange() then return false end
  store()
  if isTerminal(status) then endJob() end
  if event ~= '' then redis.call('RPUSH', jobKey(id) .. ':events', event) end
  redis.call('PUBLISH', prefix .. ':changed:' .. id, '')
end
if isNote then return 1 end
local reply = redis.call('HGETALL', jobKey(id))
if newStatus == 'in_progress' then
  reply[#reply + 1] = 'input'
  reply[#reply + 1] = redis.call('GET', jobKey(id) .. ':input') or 'null'
end
return reply
`;

/** Answers 0 when the job is live, gone, or another tenant's. */
const removeJob = `${COMMON}
local tenant, now = ARGV[3], tonumber(ARGV[4])
local job = read(id, 'status', 'tenant', 'expiresAt')
if job.tenant ~= tenant or not isTerminal(job.status) or job.expiresAt <= now then return 0 end
drop(id)
return 1
`;

/** Removes jobs whose time has come, as many as given at most; answers how many. */
const sweepJobs = `${COMMON}
local now, limit = ARGV[3], tonumber(ARGV[4])
local swept = 0
for _, status in ipairs(TERMINAL) do
  local ids = redis.call('ZRANGEBYSCORE', statusKey(status), '-inf', now, 'LIMIT', 0, limit - swept)
  for _, id in ipairs(ids) do drop(id) end
  swept = swept + #ids
end
return swept
`;

/**
 * Jobs that live, but are not in the queue: whoever stored them died before the queue knew, or a run was given up. Asked
 * by any number of processes, the question is answered once in a while. Of those that wait it looks at a slice each time, and
 * goes on behind it the next time: there may be thousands, and nothing else is done meanwhile.
 */
const findLostJobs = `${COMMON}
local queuePrefix, before, intervalMs, slice = ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local placeKey = prefix .. ':lost-jobs-place'
if not redis.call('SET', prefix .. ':lost-jobs-sought', '', 'NX', 'PX', intervalMs) then return {} end
local lost = {}

local function look(ids)
  for _, id in ipairs(ids) do
    if redis.call('EXISTS', queuePrefix .. id) == 0 then
      local job = read(id, 'createdAt', 'priority')
      if job.createdAt <= before then
        lost[#lost + 1] = id
        lost[#lost + 1] = job.priority
      end
    end
  end
end

local place = tonumber(redis.call('GET', placeKey) or 0)
local waiting = redis.call('ZRANGE', statusKey('queued'), place, place + slice - 1)
redis.call('SET', placeKey, #waiting < slice and 0 or place + slice)
look(waiting)
look(redis.call('ZRANGE', statusKey('in_progress'), 0, -1))
return lost
`;

export const JOB_SCRIPTS = {
  insertJob,
  withdrawJob,
  updateJob,
  removeJob,
  sweepJobs,
  findLostJobs,
};
