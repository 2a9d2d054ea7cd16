-- Types of files that editors, or older ones, do not know. Raw notebooks are JSON.
if vim.g.loaded_credscope then
  return
end
vim.g.loaded_credscope = true

local TYPES = {
  ipynb = "json", conf = "conf", tfvars = "terraform-vars", Jenkinsfile = "groovy", [".databrickscfg"] = "dosini", ["aws/credentials"] = "dosini",
}

vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = { "*.ipynb", "*.conf", "*.tfvars", "Jenkinsfile", ".databrickscfg", "*/.aws/credentials" },
  callback = function(event)
    if vim.bo.filetype == "" then
      local name = event.match:match("aws/credentials$") or event.match:match("[^/\\]+$")
      vim.bo.filetype = TYPES[name] or TYPES[name:match("%.(%w+)$")]
    end
  end,
})

vim.api.nvim_create_user_command("CredscopeProvisioning", function()
  require("credscope").provisioning()
end, { desc = "Commands that store the secrets of this file" })
