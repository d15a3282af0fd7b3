// Stands in for fpm, which makes deb and rpm for electron-builder and cannot always be had: it takes fpm's arguments, puts each
// SOURCE=DESTINATION where fpm would, by fpm's rules, and packs that with its arguments and the script of the installation into
// a plain tar by the name of the package.

import { chmod, writeFile } from 'node:fs/promises'

const program = `#!/bin/sh
set -e
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/control"
for one in "$@"; do printf '%s\\n' "$one" >> "$stage/control/arguments"; done
while [ $# -gt 0 ]; do
  case $1 in
    --package) package=$2; shift ;;
    --after-install) cp "$2" "$stage/control/after-install"; shift ;;
    --*=*) ;;
    -*) shift ;;
    *=*)
      from=\${1%%=*}
      to=$stage/data\${1#*=}
      mkdir -p "$(dirname "$to")"
      # A folder is mapped with what is in it, a file to the name that is said.
      case $from in
        */) mkdir -p "$to"; cp -a "$from." "$to" ;;
        *) cp -a "$from" "$to" ;;
      esac ;;
  esac
  shift
done
tar -C "$stage" -cf "$package" control data
`

/** Its path is for CUSTOM_FPM_PATH. */
export async function standInFpm(path: string): Promise<string> {
  await writeFile(path, program)
  await chmod(path, 0o755)
  return path
}
