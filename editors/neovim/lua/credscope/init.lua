-- Setup for every Neovim from 0.7 on. From 0.11 on `vim.lsp.enable("credscope")` does the same.
local config = require("credscope.config")
local M = {}

-- The function was renamed in 0.10.
local function clients()
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  return vim.tbl_filter(function(client)
    return client.name == "credscope"
  end, get())
end

local function root(file, markers)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  while folder ~= "" do
    for _, marker in ipairs(markers) do
      if vim.loop.fs_stat(folder .. "/" .. marker) then
        return folder
      end
    end
    local parent = vim.fn.fnamemodify(folder, ":h")
    if parent == folder then
      break
    end
    folder = parent
  end
  return vim.fn.fnamemodify(file, ":p:h")
end

-- Starts one client for each project, or attaches to the one that is there. Neovim 0.7–0.10.
local function attach(buffer, options)
  local file = vim.api.nvim_buf_get_name(buffer)
  if file == "" or vim.bo[buffer].buftype ~= "" then
    return
  end
  local folder = root(file, options.root_markers)
  for _, client in ipairs(clients()) do
    if client.config.root_dir == folder then
      vim.lsp.buf_attach_client(buffer, client.id)
      return
    end
  end
  local id = vim.lsp.start_client({
    name = "credscope",
    cmd = options.cmd,
    root_dir = folder,
    workspace_folders = { { uri = vim.uri_from_fname(folder), name = folder } },
    init_options = { credscope = options.settings },
    settings = { credscope = options.settings },
    get_language_id = function(_, filetype)
      return config.language_id(filetype)
    end,
    on_attach = options.on_attach,
  })
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

-- options: cmd, filetypes, root_markers, settings (as in VS Code, without the prefix), on_attach
function M.setup(options)
  options = vim.tbl_extend("force", {
    cmd = config.cmd,
    filetypes = config.filetypes,
    root_markers = config.root_markers,
    settings = vim.empty_dict(),
  }, options or {})
  M.options = options

  if vim.lsp.config and vim.lsp.enable then
    vim.lsp.config("credscope", {
      cmd = options.cmd,
      filetypes = options.filetypes,
      root_markers = options.root_markers,
      init_options = { credscope = options.settings },
      settings = { credscope = options.settings },
      on_attach = options.on_attach,
    })
    vim.lsp.enable("credscope")
    return
  end

  local group = vim.api.nvim_create_augroup("credscope", { clear = true })
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = options.filetypes,
    callback = function(event)
      attach(event.buf, options)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.tbl_contains(options.filetypes, vim.bo[buffer].filetype) then
      attach(buffer, options)
    end
  end
end

-- Opens the commands that store the secrets of the current file in a new window. They hold no value.
function M.provisioning()
  local client = clients()[1]
  if not client then
    vim.notify("credscope is not running; see :checkhealth credscope", vim.log.levels.WARN)
    return
  end
  local params = {
    command = "credscope.showProvisioning",
    arguments = { { uri = vim.uri_from_bufnr(0), show = false } },
  }
  local handler = function(err, text)
    if err or type(text) ~= "string" then
      vim.notify(err and err.message or "credscope: nothing to store", vim.log.levels.INFO)
      return
    end
    vim.cmd("new")
    vim.bo.buftype = "nofile"
    vim.bo.filetype = "sh"
    vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(text, "\n"))
  end
  if vim.fn.has("nvim-0.11") == 1 then
    client:request("workspace/executeCommand", params, handler)
  else
    client.request("workspace/executeCommand", params, handler)
  end
end

return M
