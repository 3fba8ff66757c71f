;;; hardlint.el --- The language server of hardlint, for eglot -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "26.3") (eglot "1.9"))

;;; Commentary:

;; Put this folder into `load-path', say (require 'hardlint), and (hardlint-everywhere) or M-x hardlint in a file.
;; Nothing is judged here: what is no file of a known format gets no findings.

;;; Code:

(require 'eglot)

(defgroup hardlint nil
  "Security faults in deployment files, and what the programs will really do."
  :group 'tools)

(defcustom hardlint-command '("hardlint-lsp")
  "The program that is started, and its arguments."
  :type '(repeat string))

;; A buffer has one server in eglot, so Python is left to others; Django and Flask are judged where `python-mode' is added.
(defcustom hardlint-modes
  '(conf-mode dockerfile-mode dockerfile-ts-mode nginx-mode yaml-mode yaml-ts-mode)
  "Major modes whose files are told to the server, with those derived from them."
  :type '(repeat symbol))

;; Emacs knows none of these names, and the last two kinds only with packages.
(defconst hardlint--names
  '("/sshd_config\\'" "/sshd_config\\.d/[^/]+\\'" "/sites-\\(?:available\\|enabled\\)/[^/]+\\'"
    "/\\.env\\(?:\\.[^/]+\\)?\\'" "[^/]\\.env\\'")
  "Names of files that are opened in `conf-mode'.")

(dolist (name hardlint--names)
  (add-to-list 'auto-mode-alist (cons name #'conf-mode) t))
(unless (or (fboundp 'yaml-mode) (fboundp 'yaml-ts-mode))
  (add-to-list 'auto-mode-alist (cons "\\.ya?ml\\'" #'conf-mode) t))
(unless (or (fboundp 'dockerfile-mode) (fboundp 'dockerfile-ts-mode))
  (add-to-list 'auto-mode-alist (cons "/\\(?:Docker\\|Container\\)file[^/]*\\'" #'conf-mode) t))

(defun hardlint--chosen ()
  "Let this buffer have no other server."
  (setq-local eglot-server-programs (list (cons hardlint-modes hardlint-command))))

;;;###autoload
(defun hardlint ()
  "Start the server for this project, though another is set for the mode."
  (interactive)
  (hardlint--chosen)
  (call-interactively #'eglot))

;;;###autoload
(defun hardlint-ensure ()
  "Start the server with this buffer, unless it runs: for hooks."
  (hardlint--chosen)
  (eglot-ensure))

;;;###autoload
(defun hardlint-everywhere ()
  "Start the server with every file in one of `hardlint-modes'."
  (dolist (mode hardlint-modes)
    (add-hook (intern (format "%s-hook" mode)) #'hardlint-ensure)))

(provide 'hardlint)
;;; hardlint.el ends here
