#!/bin/sh
# Uploads the folder site to S3 or a store that speaks its protocol, assets first and pages last, so that no page misses a file.
#     sh upload.sh SITE_FOLDER s3://BUCKET[/PATH] [--endpoint-url https://STORE]
# Needs the aws command line. Deletes nothing: old assets serve those who have a page open; clean up a week later.
# The .gz and .br beside files aren't uploaded: the CDN compresses.
set -eu
site=$1
to=${2%/}
shift 2
packed="--exclude *.gz --exclude *.br"
set -f

# Files whose names change with their contents are kept for a year.
for folder in _astro pagefind/fragment pagefind/index; do
    aws s3 sync "$site/$folder" "$to/$folder" $packed --cache-control 'public, max-age=31536000, immutable' "$@"
done
# All else is asked for again; pages come last.
aws s3 sync "$site" "$to" $packed --exclude '*.html' --exclude '_astro/*' --exclude 'pagefind/fragment/*' --exclude 'pagefind/index/*' \
    --cache-control no-cache "$@"
aws s3 sync "$site" "$to" --exclude '*' --include '*.html' --content-type 'text/html; charset=utf-8' --cache-control no-cache "$@"
