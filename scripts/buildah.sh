# To be sourced: `storage <arguments>` is buildah with its images in <build folder>/images.
#   . scripts/buildah.sh <build folder>
mkdir -p "$1/images"
images=$(realpath "$1/images")
storage() {
  buildah --root "$images/storage" --runroot "$images/run" --storage-driver vfs "$@"
}
