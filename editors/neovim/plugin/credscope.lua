-- Types of files that older editors do not know. Raw notebooks are JSON.
if vim.g.loaded_credscope then
  return
end
vim.g.loaded_credscope = true

local TYPES = { ipynb = "json", conf = "conf", tfvars = "terraform-vars" }

vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = { "*.ipynb", "*.conf", "*.tfvars" },
  callback = function(event)
    if vim.bo.filetype == "" then
      vim.bo.filetype = TYPES[event.match:match("%.(%w+)$")]
    end
  end,
})

vim.api.nvim_create_user_command("CredscopeProvisioning", function()
  require("credscope").provisioning()
end, { desc = "Commands that store the secrets of this file" })
