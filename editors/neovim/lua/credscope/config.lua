-- What all versions of Neovim share.
local M = {}

M.cmd = { "credscope", "server" }

-- json: raw .ipynb files, and configuration.
M.filetypes = {
  "python", "scala", "sql", "r", "yaml", "json", "jsonc", "jproperties", "conf", "terraform", "terraform-vars", "hcl",
  "sh", "bash", "zsh", "env", "toml", "dosini", "confini", "cfg", "xml", "dockerfile", "make", "yaml.docker-compose", "yaml.github", "yaml.gitlab",
  "helm", "groovy", "markdown", "netrc",
}

M.root_markers = { "credscope.toml", ".credscope.toml", "databricks.yml", "pyproject.toml", ".git" }

-- File types whose names differ from the protocol's language identifiers.
local IDS = {
  jproperties = "properties",
  conf = "plaintext", -- the file's name says what it is
  hcl = "terraform",
  ["terraform-vars"] = "terraform",
  sh = "shellscript",
  bash = "shellscript",
  zsh = "shellscript",
  env = "dotenv",
  dosini = "ini",
  cfg = "ini",
  confini = "ini",
  make = "makefile",
  ["yaml.docker-compose"] = "yaml",
  ["yaml.github"] = "yaml",
  ["yaml.gitlab"] = "yaml",
}

function M.language_id(filetype)
  return IDS[filetype] or filetype
end

-- Neovim pulls findings when text changes. A save may change more: credscope.toml counts for every file.
function M.pull_on_save()
  local group = vim.api.nvim_create_augroup("credscope_pull", { clear = true })
  vim.api.nvim_create_autocmd("BufWritePost", {
    group = group,
    -- After Neovim's own notice of the save.
    callback = vim.schedule_wrap(function()
      for _, client in ipairs(vim.lsp.get_clients({ name = "credscope" })) do
        if client:supports_method("textDocument/diagnostic") then
          for buffer in pairs(client.attached_buffers) do
            client:request("textDocument/diagnostic", { textDocument = { uri = vim.uri_from_bufnr(buffer) } }, nil, buffer)
          end
        end
      end
    end),
  })
end

return M
