{
  description = "Finds security faults in deployment files before they are deployed";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      manifest = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).workspace.package;
    in
    {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "hardlint";
          inherit (manifest) version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          cargoBuildFlags = [ "-p" "hardlint" ];
          # The tests ask real programs, which the builder has not; `.ci/run` does that.
          doCheck = false;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            cargo run --offline --locked --release --target-dir "$TMPDIR/pages" -p hardlint --example book -- man "$TMPDIR/man"
            cargo run --offline --locked --release --target-dir "$TMPDIR/pages" -p hardlint --example book -- completions "$TMPDIR/completions"
            installManPage "$TMPDIR"/man/*.1
            installShellCompletion "$TMPDIR"/completions/hardlint.{bash,fish} "$TMPDIR"/completions/_hardlint
          '';
          meta = {
            homepage = manifest.repository;
            description = "Finds security faults in deployment files before they are deployed";
            license = with pkgs.lib.licenses; [ mit asl20 ];
            mainProgram = "hardlint";
          };
        };
      });
    };
}
