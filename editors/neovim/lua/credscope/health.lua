-- :checkhealth credscope
local M = {}

local health = vim.health or {}
-- 0.7–0.9 have the older names.
local start = health.start or health.report_start or require("health").report_start
local ok = health.ok or health.report_ok or require("health").report_ok
local warn = health.warn or health.report_warn or require("health").report_warn
local fail = health.error or health.report_error or require("health").report_error

function M.check()
  start("credscope")
  local config = require("credscope.config")
  local options = require("credscope").options
  local cmd = options and options.cmd or config.cmd
  if vim.lsp.config and vim.lsp.config.credscope and type(vim.lsp.config.credscope.cmd) == "table" then
    cmd = vim.lsp.config.credscope.cmd
  end
  local program = vim.fn.exepath(cmd[1])
  if program == "" then
    fail(
      ("`%s` cannot be run"):format(cmd[1]),
      { "Install it: pip install credscope (or uv tool install credscope, cargo install credscope)", "Or give its path: require('credscope').setup({ cmd = { '/path/credscope', 'server' } })" }
    )
    return
  end
  local version = vim.trim(vim.fn.system({ program, "--version" }))
  if vim.v.shell_error ~= 0 then
    fail(("`%s --version` failed: %s"):format(program, version))
    return
  end
  ok(("%s (%s)"):format(version, program))

  if vim.fn.has("nvim-0.11") == 1 then
    ok("findings are pulled; `vim.lsp.enable('credscope')` or `require('credscope').setup()`")
    if not options and not (vim.lsp.is_enabled and vim.lsp.is_enabled("credscope")) then
      warn("not enabled", { "Add vim.lsp.enable('credscope') to your init.lua" })
    end
  elseif vim.fn.has("nvim-0.7") == 1 then
    ok("findings are pushed; `require('credscope').setup()`")
    if not options then
      warn("not set up", { "Add require('credscope').setup() to your init.lua" })
    end
  else
    fail("Neovim 0.7 or later is needed")
  end

  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  local running = vim.tbl_filter(function(client)
    return client.name == "credscope"
  end, get())
  if #running == 0 then
    warn("no server is running", { "Open a Python, Scala, SQL, R or configuration file" })
  end
  for _, client in ipairs(running) do
    ok(("running for %s"):format(client.config.root_dir or client.root_dir or "single files"))
  end
end

return M
