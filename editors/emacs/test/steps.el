;;; steps.el --- emacs -q --batch -l steps.el  -*- lexical-binding: t; -*-
;; WORKSPACE: copy of the test workspace; PROGRAM: the server; FOLDER: the folder of credscope.el.

(package-initialize)
(require 'flymake)
(add-to-list 'load-path (getenv "FOLDER"))
(setq credscope-program (getenv "PROGRAM"))
(require 'credscope)
(setq eglot-sync-connect 10 eglot-autoshutdown nil eglot-confirm-server-initiated-edits nil)
(when (boundp 'eglot-confirm-server-edits) (setq eglot-confirm-server-edits nil))
(setq make-backup-files nil)

(defvar passed 0)

(defun wait-for (what ready)
  (let ((end (+ (float-time) 20)))
    (while (not (funcall ready))
      (when (> (float-time) end) (error "never: %s" what))
      (accept-process-output nil 0.05))))

(defun findings ()
  (flymake-start)
  (accept-process-output nil 0.05)
  (sort (flymake-diagnostics) (lambda (a b) (< (flymake-diagnostic-beg a) (flymake-diagnostic-beg b)))))

;; Whether the password of the option is found.
(defun option-p ()
  (seq-some (lambda (d) (string-match-p "^option .password" (flymake-diagnostic-text d))) (findings)))

(defmacro step (name &rest body)
  (declare (indent 1))
  `(progn ,@body (setq passed (1+ passed)) (princ (format "  ok   %s\n" ,name))))

(defun visit (file mode)
  (find-file (expand-file-name file (getenv "WORKSPACE")))
  (funcall mode)
  (unless (eglot-current-server) (call-interactively #'eglot))
  (flymake-mode 1))

;; As the menu does: edits that come late are resolved first.
(defun choose (action)
  (cond
   ((fboundp 'eglot-execute) (eglot-execute (eglot-current-server) action))
   ((plist-get action :edit) (eglot--apply-workspace-edit (plist-get action :edit)))
   (t (error "no edit in %S" action))))

(condition-case err
    (progn
      (princ (format "Emacs %s, eglot %s\n" emacs-version (if (fboundp 'package-get-version) (or (ignore-errors (package-version-join (package-desc-version (cadr (assq 'eglot package-alist))))) "of the system") "")))
      (step "findings are pushed"
        (visit "job.py" #'python-mode)
        (wait-for "the findings" (lambda () (<= 2 (length (findings)))))
        (let ((text (flymake-diagnostic-text (car (findings)))))
          (unless (string-match-p "option" text) (error "%s" text))))
      (step "an action moves the credential, the finding is gone"
        (let* ((d (car (findings)))
               (actions (append (eglot-code-actions (flymake-diagnostic-beg d) (flymake-diagnostic-end d)) nil))
               (titles (mapcar (lambda (a) (plist-get a :title)) actions)))
          (unless (string-match-p "^Move to secret scope" (car titles)) (error "%S" titles))
          (choose (car actions)))
        (unless (string-match-p (regexp-quote ".option(\"password\", dbutils.secrets.get(scope=") (buffer-string))
          (error "%s" (buffer-string)))
        ;; Saving sends what idle time would send in a window.
        (save-buffer)
        (wait-for "the finding is gone" (lambda () (not (option-p)))))
      (step "a second file of the project"
        (visit "settings.py" #'python-mode)
        (wait-for "a finding" (lambda () (<= 1 (length (findings))))))
      (step "the server ends with its buffers"
        (eglot-shutdown (eglot-current-server)))
      (princ (format "%d passed, 0 failed\n" passed))
      (kill-emacs 0))
  (error
   (princ (format "  FAIL %s\n%d passed, 1 failed\n" (error-message-string err) passed))
   (kill-emacs 1)))
