-- Neovim 0.11 and later: vim.lsp.enable("credscope")
local credscope = require("credscope.config")
credscope.pull_on_save()

return {
  cmd = credscope.cmd,
  filetypes = credscope.filetypes,
  root_markers = credscope.root_markers,
  get_language_id = function(_, filetype)
    return credscope.language_id(filetype)
  end,
  init_options = { credscope = {} },
  settings = { credscope = {} },
}
