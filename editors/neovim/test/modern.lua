-- Neovim 0.11 and later: the native way.
vim.opt.rtp:append(vim.env.PLUGIN)
package.path = vim.env.PLUGIN .. "/test/?.lua;" .. package.path
vim.cmd("filetype plugin on")
vim.cmd("runtime plugin/credscope.lua")
vim.env.PATH = vim.env.PROGRAM_FOLDER .. ":" .. vim.env.PATH
vim.lsp.enable("credscope")
local steps = require("steps")
steps.run(function()
  steps.all(vim.env.WORKSPACE, true)
end)
