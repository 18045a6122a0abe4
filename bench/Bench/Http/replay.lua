-- Sends the requests that the file named on wrk's command line holds, one after the other, to the path given there.
-- Lines of the file: method, name of the header that varies, then per request a header value and a body, tab in between.
-- args: path, file, fixed header name, fixed header value
local requests = {}
local at = 0

function init(args)
  local path, file, name, value = args[1], args[2], args[3], args[4]
  local lines = io.lines(file)
  local method, varying = lines(), lines()
  for line in lines do
    local header, body = line:match("^([^\t]*)\t(.*)$")
    local headers = { ["Host"] = "localhost", ["User-Agent"] = wrk.headers["User-Agent"] }
    if name then headers[name] = value end
    if varying ~= "" then headers[varying] = header end
    if body ~= "" then headers["Content-Type"] = "application/json" end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
