# Built from the source of a release. `packaging/homebrew/release VERSION SHA256` writes both into it, for the tap.
class Hardlint < Formula
  desc "Finds security faults in deployment files before they are deployed"
  homepage "https://github.com/hardlint/hardlint"
  url "https://github.com/hardlint/hardlint/archive/refs/tags/v0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license any_of: ["MIT", "Apache-2.0"]

  depends_on "rust" => :build

  def install
    system "cargo", "install", *std_cargo_args(path: "crates/hardlint")
    system "cargo", "run", "--locked", "-p", "hardlint", "--example", "book", "--", "man", buildpath/"man"
    man1.install Dir[buildpath/"man/*.1"]
    generate_completions_from_executable(bin/"hardlint", "completions")
  end

  test do
    (testpath/"sshd_config").write "PermitEmptyPasswords yes\n"
    assert_match "sshd/permit-empty-passwords", shell_output("#{bin}/hardlint check --output-format concise sshd_config 2>&1", 1)
  end
end
