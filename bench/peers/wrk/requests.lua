-- One script for all: rotates through prepared requests and prints one line of results.
-- Environment: REQUESTS, a file with one request a line: method, path, headers (a header a field, "Name: value") and
-- "body" followed by the body, separated by tabs.
local requests, at = {}, 0
local threads = 0

function setup(thread)
  thread:set("first", threads)
  threads = threads + 1
end

function init()
  for line in io.lines(os.getenv("REQUESTS")) do
    local fields, headers, body = {}, {}, nil
    for field in line:gmatch("[^\t]+") do fields[#fields + 1] = field end
    local i = 3
    while fields[i] do
      if fields[i] == "body" then
        body = fields[i + 1]
        break
      end
      local name, value = fields[i]:match("^([^:]+): (.*)$")
      headers[name] = value
      i = i + 1
    end
    requests[#requests + 1] = wrk.format(fields[1], fields[2], headers, body)
  end
  -- Threads start apart, so that no session is asked for twice at a time.
  at = math.floor(first * #requests / 2)
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n",
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
