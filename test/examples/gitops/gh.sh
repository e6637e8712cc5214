#!/bin/sh
# The little of `gh api` that the example uses, spoken to the forge at $GH_STUB_URL. Like the real one it wants GH_TOKEN, applies --jq
# to each page, and refuses what it does not know.
set -eu
[ "${1-}" = api ] || { echo "gh: only api is played here, not ${1-}" >&2; exit 1; }
[ -n "${GH_TOKEN-}" ] || { echo 'gh: set the GH_TOKEN environment variable' >&2; exit 4; }
shift

method=GET paginate=no silent=no filter=. file='' path=''
while [ $# -gt 0 ]; do
  case $1 in
    --paginate) paginate=yes ;;
    --silent) silent=yes ;;
    --method) method=$2 && shift ;;
    --jq) filter=$2 && shift ;;
    --field) file=${2#body=@} && shift ;;
    -*) echo "gh: unknown flag: $1" >&2; exit 1 ;;
    *) path=$1 ;;
  esac
  shift
done

call() { curl --fail --silent --show-error --header "Authorization: Bearer $GH_TOKEN" "$@"; }

if [ "$method" != GET ]; then
  answer=$(jq --raw-input --slurp '{body: .}' "$file" | call --request "$method" --data-binary @- "$GH_STUB_URL/$path")
  [ "$silent" = yes ] || printf '%s\n' "$answer"
  exit
fi

page=1
while [ "$page" -le 20 ]; do
  answer=$(call "$GH_STUB_URL/$path&page=$page")
  printf '%s\n' "$answer" | jq --raw-output "$filter"
  [ "$paginate" = yes ] && [ "$answer" != '[]' ] || exit 0
  page=$((page + 1))
done
