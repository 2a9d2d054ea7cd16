-- The plugin as a plugin manager brings it, set up with options. All versions.
vim.opt.packpath:prepend(vim.env.WORKSPACE .. "/../site")
package.path = vim.env.PLUGIN .. "/test/?.lua;" .. package.path
vim.cmd("filetype plugin on")
vim.cmd("packadd credscope")
local attached = 0
require("credscope").setup({
  cmd = { vim.env.PROGRAM_FOLDER .. "/credscope", "server" },
  filetypes = { "python" },
  settings = { secrets = { scope = "from-init" }, severity = { ["named-variable"] = "warning" } },
  on_attach = function()
    attached = attached + 1
  end,
})
local steps = require("steps")
vim.schedule(function()
  steps.run(function()
    steps.test("packadd, options, on_attach", function()
      vim.cmd("edit " .. vim.env.WORKSPACE .. "/settings.py")
      steps.wait("a finding", function()
        return steps.codes():find("CS106", 1, true)
      end)
      assert(attached == 1, attached)
      assert(vim.diagnostic.get(0)[1].severity == vim.diagnostic.severity.WARN)
      steps.act("Move to secret scope `from-init`")
      steps.has(steps.text(), "from-init")
      assert(vim.fn.exists(":CredscopeProvisioning") == 2)
    end)
    steps.test("one server for a project, others for others", function()
      vim.cmd("silent write!")
      vim.cmd("edit " .. vim.env.WORKSPACE .. "/flow.py")
      steps.wait("a finding", function()
        return steps.codes():find("CS209", 1, true)
      end)
      local get = vim.lsp.get_clients or vim.lsp.get_active_clients
      assert(#get() == 1, #get())
    end)
  end)
end)
