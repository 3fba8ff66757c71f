;;; test.el --- Run by `editors/emacs/test', in a copy of testdata/shop -*- lexical-binding: t; -*-

;;; Code:

(require 'cl-lib)
(require 'hardlint)
(setq hardlint-command (list (getenv "HARDLINT_LSP")) eglot-sync-connect 20 eglot-autoshutdown nil make-backup-files nil)

(defvar test-passed 0)
(defvar test-folder default-directory)

(defun test-file (name)
  "The file that is called NAME in the deployment."
  (expand-file-name name test-folder))

(defun test-check (holds what)
  "Count that WHAT HOLDS, or end in failure."
  (unless holds
    (princ (format "FAILED: %s\n" what))
    (kill-emacs 1))
  (setq test-passed (1+ test-passed))
  (princ (format "ok: %s\n" what)))

;; What eglot and Flymake do when nobody types, they never do without a screen.
(defun test-idle ()
  "Send what changed, and ask for findings."
  (eglot--signal-textDocument/didChange)
  (flymake-start))

(defun test-wait (holds what)
  "Wait until WHAT is true, which the function HOLDS tells."
  (test-idle)
  (let ((end (time-add nil 20)) held)
    (while (and (not (setq held (funcall holds))) (time-less-p nil end))
      (accept-process-output nil 0.02))
    (test-check held what)))

(defun test-found (rule &optional line)
  "The finding of RULE that Flymake shows, at LINE."
  (seq-find (lambda (one)
              (and (string-match-p (regexp-quote rule) (flymake-diagnostic-text one))
                   (or (not line) (= line (line-number-at-pos (flymake-diagnostic-beg one))))))
            (flymake-diagnostics)))

(defun test-go (line)
  "Go to LINE."
  (goto-char (point-min))
  (forward-line (1- line)))

(defun test-line (line)
  "The text of LINE."
  (save-excursion
    (test-go line)
    (buffer-substring-no-properties (line-beginning-position) (line-end-position))))

(defun test-choose (line title)
  "Choose the code action of LINE whose title has TITLE in it, as a person does."
  (test-go line)
  (cl-letf ((last-nonmenu-event ?\r)
            ((symbol-function 'completing-read)
             (lambda (_prompt all &rest _)
               (let ((names (all-completions "" all)))
                 (or (seq-find (lambda (name) (string-match-p (regexp-quote title) name)) names)
                     (test-check nil (format "`%s' is among %S" title names)))))))
    (eglot-code-actions (line-beginning-position) (line-end-position) nil t)))

(defun test-on-disk (file)
  "The lines of FILE as it was saved."
  (with-temp-buffer
    (let ((coding-system-for-read 'utf-8-unix)) (insert-file-contents file))
    (split-string (buffer-string) "\n")))

;; Findings of a file are those of its unit: nginx.conf includes this one.
(find-file (test-file "nginx/conf.d/20-shop.conf"))
(test-check (derived-mode-p 'conf-mode) "the file is opened in a mode that the server is told of")
(let ((noninteractive nil)) (hardlint))
(test-check (eglot-managed-p) "eglot runs the server for it")
(test-wait (lambda () (test-found "nginx/alias-traversal" 57)) "Flymake shows the alias that can be left, in its line")
(let ((alias (test-found "nginx/alias-traversal" 57)))
  (test-check (eq (flymake-diagnostic-type alias) 'eglot-error) "it is an error")
  (test-check (string-prefix-p "hardlint" (flymake-diagnostic-text alias)) "hardlint tells it"))
(test-check (test-found "nginx/autoindex-on" 64) "so is the listed folder")
(test-check (not (test-found "nginx/alias-traversal" 51)) "the near miss is none")

;; Hovered.
(test-go 64)
(forward-char 8)
(let ((about (jsonrpc-request (eglot-current-server) :textDocument/hover (eglot--TextDocumentPositionParams))))
  (test-check (string-match-p "In effect in location `/press/`: `on`, set here" (plist-get (plist-get about :contents) :value))
              "hover tells the value and who set it"))

;; Mended by a quick fix, and saved.
(test-choose 64 "autoindex off")
(test-check (equal (test-line 64) "        autoindex  off;") "the quick fix changes the value and nothing else")
(test-wait (lambda () (not (test-found "nginx/autoindex-on"))) "the finding goes with it")
(test-check (test-found "nginx/alias-traversal" 57) "the other one stays")
(let ((before (test-on-disk buffer-file-name)))
  (setf (nth 63 before) "        autoindex  off;")
  (save-buffer)
  (test-check (equal (test-on-disk buffer-file-name) before) "the saved file differs in that value and nothing else"))

;; Mended by hand.
(test-go 57)
(search-forward "/downloads")
(insert "/")
(test-wait (lambda () (not (test-found "nginx/alias-traversal"))) "the other finding goes when the location ends with a slash")

;; Allowed.
(test-choose 40 "allow nginx/add-header-inheritance-lost")
(test-check (string-match-p "^ +# hardlint: allow\\[nginx/add-header-inheritance-lost\\] " (test-line 40)) "a comment allows it")
(test-wait (lambda () (not (test-found "nginx/add-header-inheritance-lost" 41))) "the finding goes with it")
(save-buffer)

;; Another kind of file, in the same server.
(find-file (test-file "ssh/etc/ssh/sshd_config"))
(test-check (derived-mode-p 'conf-mode) "sshd_config has a mode")
(eglot--maybe-activate-editing-mode)
(test-check (eglot-managed-p) "the same server is told of it")
(test-wait (lambda () (test-found "sshd/permit-empty-passwords" 49)) "its findings are shown")

;; What `eglot-shutdown' says, which does not wait for what comes of it.
(let* ((server (eglot-current-server)) (process (jsonrpc--process server)))
  (jsonrpc-request server :shutdown nil)
  (jsonrpc-notify server :exit nil)
  (while (accept-process-output process 5))
  (test-check (equal '(exit 0) (list (process-status process) (process-exit-status process)))
              "the server ends when it is told to, with status 0"))
(princ (format "%d passed, 0 failed\n" test-passed))
(kill-emacs 0)
