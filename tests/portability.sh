#!/bin/sh
# Compare all notebooks with their stored outputs on other processors' code paths and on
# the oldest NumPy. Usage, in the environment of the tests: tests/portability.sh
set -eu
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1

check() {
    echo "== $*"
    env "$@" python -m pytest -q -p no:cacheprovider book
}

for kernel in Nehalem Haswell SkylakeX; do # OpenBLAS's matrix products
    if [ $kernel = SkylakeX ] && ! grep -q avx512f /proc/cpuinfo; then
        echo "== $kernel skipped: this processor has no AVX-512"
    else
        check OPENBLAS_CORETYPE=$kernel
    fi
done

# NumPy's loops, without any instruction that newer processors have (AVX2, AVX-512, ...)
names='import numpy._core._multiarray_umath as m
print(*(name for name in m.__cpu_dispatch__ if m.__cpu_features__[name]))'
check NPY_DISABLE_CPU_FEATURES="$(python -c "$names")"

old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
python -m pip install --quiet --only-binary :all: --target "$old" 'numpy==2.0.*'
check PYTHONPATH="$old${PYTHONPATH:+:$PYTHONPATH}"
