;;; credscope.el --- Credentials in Databricks code, with eglot  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))

;;; Commentary:

;; (require 'credscope)
;; (add-hook 'python-mode-hook #'eglot-ensure)
;;
;; eglot runs one server for each mode.  This makes it credscope's; to keep another one beside it use a multiplexer
;; such as lspx, or run `credscope check' from `compile'.

;;; Code:

(require 'eglot)

(defgroup credscope nil
  "Credentials in Databricks code."
  :group 'tools)

(defcustom credscope-program "credscope"
  "Program that is run."
  :type 'string
  :group 'credscope)

(defconst credscope-modes
  '(python-mode python-ts-mode scala-mode scala-ts-mode sql-mode ess-r-mode yaml-mode yaml-ts-mode json-mode json-ts-mode
    js-json-mode conf-mode conf-javaprop-mode terraform-mode hcl-mode sh-mode bash-ts-mode toml-ts-mode conf-toml-mode
    nxml-mode dockerfile-mode dockerfile-ts-mode makefile-mode groovy-mode markdown-mode)
  "Modes that credscope reads.")

(dolist (mode credscope-modes)
  (add-to-list 'eglot-server-programs (cons mode (lambda (&rest _) (list credscope-program "server")))))

(provide 'credscope)
;;; credscope.el ends here
