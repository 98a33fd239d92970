/* SPDX-License-Identifier: Apache-2.0
 *
 * What a kernel takes from CUDA, for a host compiler: its threads are the host's, one block after the other. It shows
 * which rows a kernel reads and writes, with which bits, and under -fsanitize=thread where a barrier is missing.
 */
#include <pthread.h>
#include <stddef.h>

#include <thread>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))

struct uint3 { unsigned x, y, z; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };

static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

static thread_local uint3 threadIdx;
static thread_local uint3 blockIdx;
static uint3 blockDim;
static uint3 gridDim;
static pthread_barrier_t block_barrier;
static std::vector<pthread_barrier_t> warp_barriers;

static inline void __syncthreads() { pthread_barrier_wait(&block_barrier); }
static inline void __syncwarp() { pthread_barrier_wait(&warp_barriers[threadIdx.x / 32]); }

/* Run a kernel of `blocks` blocks of `threads` threads with its arguments; threads is a multiple of 32. */
template <class Kernel, class... Arguments>
static void run_with(Kernel kernel, unsigned blocks, unsigned threads, Arguments... arguments)
{
    blockDim = {threads, 1, 1};
    gridDim = {blocks, 1, 1};
    pthread_barrier_init(&block_barrier, nullptr, threads);
    warp_barriers.resize(threads / 32);
    for (pthread_barrier_t &barrier : warp_barriers) {
        pthread_barrier_init(&barrier, nullptr, 32);
    }
    std::vector<std::thread> all;
    for (unsigned t = 0; t < threads; t++) {
        all.emplace_back([=] {
            threadIdx = {t, 0, 0};
            for (unsigned b = 0; b < blocks; b++) {
                blockIdx = {b, 0, 0};
                kernel(arguments...);
                __syncthreads();
            }
        });
    }
    for (std::thread &thread : all) {
        thread.join();
    }
}

template <class Value>
static void run(void (*kernel)(const Value *, Value *, size_t), const void *x, void *y, size_t n, unsigned blocks,
                unsigned threads)
{
    run_with(kernel, blocks, threads, static_cast<const Value *>(x), static_cast<Value *>(y), n);
}
