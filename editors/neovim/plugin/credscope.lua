-- Raw notebooks are JSON also where the editor does not know them.
if vim.g.loaded_credscope then
  return
end
vim.g.loaded_credscope = true

vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = "*.ipynb",
  callback = function()
    if vim.bo.filetype == "" then
      vim.bo.filetype = "json"
    end
  end,
})

vim.api.nvim_create_user_command("CredscopeProvisioning", function()
  require("credscope").provisioning()
end, { desc = "Commands that store the secrets of this file" })
