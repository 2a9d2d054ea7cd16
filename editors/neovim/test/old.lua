-- Neovim 0.7–0.10: the fallback.
vim.opt.rtp:append(vim.env.PLUGIN)
package.path = vim.env.PLUGIN .. "/test/?.lua;" .. package.path
vim.cmd("filetype plugin on")
vim.cmd("runtime plugin/credscope.lua")
require("credscope").setup({ cmd = { vim.env.PROGRAM_FOLDER .. "/credscope", "server" } })
local steps = require("steps")
vim.schedule(function()
  steps.run(function()
    steps.all(vim.env.WORKSPACE, false)
  end)
end)
