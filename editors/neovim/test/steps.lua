-- What both versions go through. Ends the editor with 0, or with 1 and the reason.
local M = {}
local passed = 0

local function wait(what, ready)
  assert(vim.wait(15000, function()
    return ready() and true or false
  end, 20), "never: " .. what)
end
M.wait = wait

function M.client()
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  for _, client in ipairs(get()) do
    if client.name == "credscope" then
      return client
    end
  end
end

-- Methods that the editor has asked the server, in order.
M.asked = {}

function M.listen(client)
  local request = client.rpc.request
  client.rpc.request = function(method, ...)
    M.asked[#M.asked + 1] = method
    return request(method, ...)
  end
end

local function asked(method)
  return vim.tbl_contains(M.asked, method)
end

function M.notify(client, method, params)
  if vim.fn.has("nvim-0.11") == 1 then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

function M.text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

function M.codes()
  local codes = {}
  for _, d in ipairs(vim.diagnostic.get(0)) do
    codes[#codes + 1] = tostring(d.code or (d.user_data and d.user_data.lsp and d.user_data.lsp.code))
  end
  table.sort(codes)
  return table.concat(codes, " ")
end

function M.has(text, piece)
  assert(text:find(piece, 1, true), ("no %s in:\n%s"):format(piece, text))
end

-- Takes the first action whose title holds `title`, at the first finding, through the editor's own menu.
function M.act(title)
  local seen = {}
  vim.ui.select = function(items, _, choose)
    seen = {}
    for _, item in ipairs(items) do
      local action = item.action or item[2]
      seen[#seen + 1] = action.title
    end
    for i, item in ipairs(items) do
      if (item.action or item[2]).title:find(title, 1, true) then
        choose(item, i)
        return
      end
    end
    choose(nil, nil)
  end
  local d = vim.diagnostic.get(0)[1]
  vim.api.nvim_win_set_cursor(0, { d.lnum + 1, d.col + 1 })
  local before = M.text()
  vim.lsp.buf.code_action()
  wait("a change by " .. title, function()
    return M.text() ~= before
  end)
  return seen
end

function M.test(name, body)
  body()
  passed = passed + 1
  io.stdout:write("  ok   " .. name .. "\n")
end

function M.run(body)
  local okay, err = xpcall(body, debug.traceback)
  if not okay then
    io.stdout:write("  FAIL " .. tostring(err) .. "\n")
  end
  io.stdout:write(("%d passed, %d failed\n"):format(passed, okay and 0 or 1))
  vim.cmd(okay and "qa!" or "cq!")
end

-- The steps. `folder` holds a copy of test/workspace.
function M.all(folder, pulls)
  M.test("attaches", function()
    vim.cmd("edit " .. folder .. "/job.py")
    wait("a client", M.client)
    wait("an answer to initialize", function()
      return M.client().server_capabilities and M.client().initialized ~= false
    end)
    assert((M.client().server_capabilities.diagnosticProvider ~= nil) == pulls, "pull or push")
    M.listen(M.client())
  end)

  M.test("findings, at their places", function()
    wait("findings", function()
      return M.codes():find("CS102 CS121", 1, true)
    end)
    local d = vim.diagnostic.get(0)[1]
    assert(d.lnum == 6 and d.col == 24, ("%d:%d"):format(d.lnum, d.col))
  end)

  M.test("an action moves the credential, the finding is gone", function()
    local titles = M.act("Move to secret scope")
    assert(asked("textDocument/codeAction") and asked("codeAction/resolve"), "the edit comes when it is chosen")
    assert(titles[1]:find("Move to secret scope", 1, true), table.concat(titles, "\n"))
    M.has(M.text(), '.option("password", dbutils.secrets.get(scope=')
    wait("the finding is gone", function()
      return not M.codes():find("CS102", 1, true)
    end)
    vim.cmd("silent write")
    assert(asked("textDocument/diagnostic") == pulls, table.concat(M.asked, " "))
  end)

  M.test("an action ignores with a reason", function()
    M.act("here with a reason")
    M.has(M.text(), "credscope: ignore[")
    vim.cmd("edit!")
  end)

  M.test("a raw .ipynb is a notebook", function()
    vim.cmd("edit " .. folder .. "/sales.ipynb")
    assert(vim.bo.filetype == "json" or vim.bo.filetype == "ipynb", vim.bo.filetype)
    wait("findings", function()
      return M.codes():find("CS102 CS121 CS201", 1, true)
    end)
  end)

  M.test("a .scala file and a .sql file", function()
    vim.cmd("edit " .. folder .. "/src/Load.scala")
    wait("a finding", function()
      return M.codes():find("CS101", 1, true)
    end)
    vim.cmd("edit " .. folder .. "/crm.sql")
    wait("a finding", function()
      return M.codes():find("CS121", 1, true)
    end)
  end)

  -- A transcript ends here: what follows depends on files.
  if vim.env.CREDSCOPE_RECORD_LOG then
    return
  end

  M.test("a change of credscope.toml counts from the next save on", function()
    vim.cmd("edit " .. folder .. "/settings.py")
    wait("a finding", function()
      return M.codes():find("CS106", 1, true)
    end)
    vim.fn.writefile({ 'ignore = ["named-variable"]' }, folder .. "/credscope.toml")
    vim.cmd("silent write!")
    wait("no finding", function()
      return not M.codes():find("CS106", 1, true)
    end)
    vim.fn.delete(folder .. "/credscope.toml")
    vim.cmd("silent write!")
    wait("a finding", function()
      return M.codes():find("CS106", 1, true)
    end)
  end)

  M.test("a change of the settings counts", function()
    local settings = { credscope = { ignore = { "named-variable" } } }
    local client = M.client()
    client.settings, client.config.settings = settings, settings
    M.notify(client, "workspace/didChangeConfiguration", { settings = settings })
    vim.wait(200)
    vim.cmd("silent write!")
    wait("no finding", function()
      return not M.codes():find("CS106", 1, true)
    end)
    settings.credscope.ignore = { "no-such-rule" }
    M.notify(client, "workspace/didChangeConfiguration", { settings = settings })
    vim.wait(200)
    vim.cmd("silent write!")
    wait("a finding", function()
      return M.codes():find("CS106", 1, true)
    end)
  end)

  M.test("every kind of file has the server", function()
    local config = require("credscope.config")
    for _, name in ipairs({
      "a.R", "a.scala", "a.sc", "a.sql", "a.yml", "a.json", "a.toml", "a.sh", "a.xml", "a.ini", "a.conf", "a.properties", "a.tf", "a.tfvars",
      "Dockerfile", ".env", "Makefile", "a.md", "Jenkinsfile", "a.cfg", ".databrickscfg", ".aws/credentials",
    }) do
      vim.fn.mkdir(folder .. "/" .. vim.fn.fnamemodify(name, ":h"), "p")
      -- Neovim tells Terraform from TinyFugue by the text.
      vim.fn.writefile({ name == "a.tf" and "terraform {}" or "" }, folder .. "/" .. name)
      vim.cmd("silent edit! " .. folder .. "/" .. name)
      assert(vim.tbl_contains(config.filetypes, vim.bo.filetype), name .. " is " .. vim.bo.filetype)
      local buffer = vim.api.nvim_get_current_buf()
      wait("the server for " .. name, function()
        return vim.lsp.buf_is_attached(buffer, M.client().id)
      end)
      vim.cmd("bwipeout!")
      vim.fn.delete(folder .. "/" .. name)
    end
    vim.cmd("edit " .. folder .. "/databricks.yml")
    wait("a finding", function()
      return M.codes():find("CS302", 1, true)
    end)
    vim.cmd("edit " .. folder .. "/settings.py")
  end)

  M.test(":CredscopeProvisioning opens the commands, without a value", function()
    vim.cmd("CredscopeProvisioning")
    wait("the window", function()
      return M.text():find("databricks secrets put-secret", 1, true)
    end)
    assert(not M.text():find("Lm2vX9", 1, true))
    vim.cmd("bwipeout!")
  end)

  M.test(":checkhealth names the program", function()
    vim.cmd("checkhealth credscope")
    M.has(M.text(), "credscope 0.")
    M.has(M.text(), "running for")
    vim.cmd("bwipeout!")
  end)

  M.test(":checkhealth says what is missing", function()
    local credscope = require("credscope")
    local missing = { "no-such-credscope", "server" }
    if credscope.options then
      credscope.options.cmd = missing
    end
    if vim.lsp.config then
      vim.lsp.config("credscope", { cmd = missing })
    end
    vim.cmd("checkhealth credscope")
    M.has(M.text(), "`no-such-credscope` cannot be run")
    M.has(M.text(), "pip install credscope")
    vim.cmd("bwipeout!")
  end)

  M.test("every tag of the help file leads somewhere", function()
    vim.cmd("helptags " .. vim.env.PLUGIN .. "/doc")
    local count = 0
    for line in io.lines(vim.env.PLUGIN .. "/doc/credscope.txt") do
      for tag in line:gmatch("%*([%w:.-]+)%*") do
        vim.cmd("help " .. tag)
        assert(vim.api.nvim_get_current_line():find("*" .. tag .. "*", 1, true), tag)
        count = count + 1
      end
    end
    assert(count >= 8, count)
  end)
end

return M
