-- For wrk: every line of a file of bodies is sent once, and every answer is looked at.
--   wrk ... -s bench/ballots.lua URL -- FILE THREADS MARK
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  bodies, at, good, refused, wrong, again = {}, 0, 0, 0, 0, 0
  mark = args[3]
  local line_number, of = 0, tonumber(args[2])
  for line in io.lines(args[1]) do
    if line_number % of == number then
      table.insert(bodies, line)
    end
    line_number = line_number + 1
  end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  at = at + 1
  if at > #bodies then
    at = 1
    again = again + 1
  end
  return wrk.format(nil, nil, nil, bodies[at])
end

function response(status, headers, body)
  if status == 200 and string.find(body, mark, 1, true) then
    good = good + 1
  elseif status == 503 and headers["Retry-After"] or status == 503 and headers["retry-after"] then
    refused = refused + 1
  else
    wrong = wrong + 1
    if wrong < 3 then
      io.stderr:write(status, " ", string.sub(body, 1, 300), "\n")
    end
  end
end

function done(summary, latency, requests)
  local total, busy, bad, round = 0, 0, 0, 0
  for _, thread in ipairs(threads) do
    total = total + thread:get("good")
    busy = busy + thread:get("refused")
    bad = bad + thread:get("wrong")
    round = round + thread:get("again")
  end
  io.write(string.format(
    "RESULT good=%d busy=%d wrong=%d again=%d seconds=%.3f p50=%.2f p99=%.2f errors=%d\n",
    total, busy, bad, round, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
