// Batch normalisation with what follows it, a sum and a ReLU, in one pass over memory each, and copies of many arrays at once. Compiled
// where it runs.
//
// Arrays are [rows, channels] with the channels next to each other: images times places are the rows. A thread has V channels next to each
// other and, of a block's rows, every blockDim.y-th. Sums go from threads to blocks to the whole in an order that is always the same.

template <typename T, int V> struct alignas(sizeof(T) * V) Pack {
    T at[V];
};

typedef unsigned short bfloat;

__device__ __forceinline__ float real(float value) {
    return value;
}

__device__ __forceinline__ float real(bfloat value) {
    return __uint_as_float((unsigned)value << 16);
}

__device__ __forceinline__ void store(float &to, float value) {
    to = value;
}

// To the nearest, halves to even.
__device__ __forceinline__ void store(bfloat &to, float value) {
    unsigned bits = __float_as_uint(value);
    to = (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0 : (bfloat)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

template <typename T, int V> __device__ __forceinline__ Pack<T, V> load(const T *from, int row, int channels, int channel) {
    return *(const Pack<T, V> *)(from + (size_t)row * channels + channel);
}

template <typename T, int V> __device__ __forceinline__ void save(T *to, int row, int channels, int channel, Pack<T, V> pack) {
    *(Pack<T, V> *)(to + (size_t)row * channels + channel) = pack;
}

#define THREADS 512
#define LARGEST_PACK 8

// A thread reads some rows before it writes the first, so that the memory has enough to do: as many as there are registers for.
#define EACH_ROW _Pragma("unroll") for (int r = 0, row = first; r < ROWS; r++, row += stride) if (row < rows)

// The normalisation of V channels: (x - mean) scale + shift.
template <int V> struct Affine {
    float mean[V], scale[V], shift[V];

    __device__ __forceinline__ Affine(const float *means, const float *deviations, const float *weight, const float *bias, int channel,
                                      bool variances, float epsilon) {
        #pragma unroll
        for (int i = 0; i < V; i++) {
            float deviation = deviations[channel + i];
            mean[i] = means[channel + i];
            scale[i] = (variances ? 1 / sqrtf(deviation + epsilon) : deviation) * weight[channel + i];
            shift[i] = bias[channel + i];
        }
    }

    __device__ __forceinline__ float of(float x, int i) const {
        return fmaf(x - mean[i], scale[i], shift[i]);
    }
};

// Adds two numbers for each channel over all rows. Every block leaves its sums in partial [gridDim.y, 2, channels]; the last one of a column of
// blocks adds those. True for the threads that then have a channel, with its sums.
template <int V>
__device__ bool summed(const float *first, const float *second, int channels, float *partial, unsigned *arrived, int &channel,
                       double &firstSum, double &secondSum) {
    __shared__ float sums[2 * LARGEST_PACK][THREADS];
    __shared__ double whole[2][THREADS];
    __shared__ bool last;
    int thread = threadIdx.y * blockDim.x + threadIdx.x;
    int base = blockIdx.x * blockDim.x * V;
    #pragma unroll
    for (int i = 0; i < V; i++) {
        sums[i][thread] = first[i];
        sums[V + i][thread] = second[i];
    }
    unsigned half = 1;
    while (2 * half < blockDim.y) {
        half *= 2;
    }
    for (; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.y < half && threadIdx.y + half < blockDim.y) {
            #pragma unroll
            for (int i = 0; i < 2 * V; i++) {
                sums[i][thread] += sums[i][thread + half * blockDim.x];
            }
        }
    }
    int own = base + threadIdx.x * V;
    if (threadIdx.y == 0 && own < channels) {
        #pragma unroll
        for (int i = 0; i < V; i++) {
            partial[2 * blockIdx.y * channels + own + i] = sums[i][thread];
            partial[(2 * blockIdx.y + 1) * channels + own + i] = sums[V + i][thread];
        }
    }
    __threadfence();
    __syncthreads();
    if (thread == 0) {
        last = atomicInc(&arrived[blockIdx.x], gridDim.y - 1) == gridDim.y - 1; // and is 0 again
    }
    __syncthreads();
    if (!last) {
        return false;
    }
    __threadfence();
    int width = blockDim.x * V;
    int parts = blockDim.x * blockDim.y / width;
    int part = thread / width;
    channel = base + thread % width;
    firstSum = secondSum = 0;
    if (part < parts && channel < channels) {
        #pragma unroll 8
        for (int block = part; block < gridDim.y; block += parts) {
            firstSum += __ldcg(&partial[2 * block * channels + channel]);
            secondSum += __ldcg(&partial[(2 * block + 1) * channels + channel]);
        }
    }
    whole[0][thread] = firstSum;
    whole[1][thread] = secondSum;
    __syncthreads();
    if (part != 0 || channel >= channels) {
        return false;
    }
    for (int other = 1; other < parts; other++) {
        firstSum += whole[0][thread + other * width];
        secondSum += whole[1][thread + other * width];
    }
    return true;
}

// Mean and 1 / standard deviation of a batch, and what it makes of the running statistics: mean and unbiased variance.
template <typename T, int V>
__device__ void statistics(const T *x, int rows, int channels, float epsilon, float *saved, float *mean, float *variance, float *partial,
                           unsigned *arrived) {
    int own = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    float from[V], sum[V], square[V];
    #pragma unroll
    for (int i = 0; i < V; i++) {
        // Differences from a value of the channel: nothing is lost where the mean is far from 0.
        from[i] = own < channels ? real(x[own + i]) : 0;
        sum[i] = square[i] = 0;
    }
    if (own < channels) {
        #pragma unroll 4
        for (int row = blockIdx.y * blockDim.y + threadIdx.y; row < rows; row += gridDim.y * blockDim.y) {
            Pack<T, V> pack = load<T, V>(x, row, channels, own);
            #pragma unroll
            for (int i = 0; i < V; i++) {
                float difference = real(pack.at[i]) - from[i];
                sum[i] += difference;
                square[i] = fmaf(difference, difference, square[i]);
            }
        }
    }
    int channel;
    double first, second;
    if (summed<V>(sum, square, channels, partial, arrived, channel, first, second)) {
        double offset = first / rows;
        double spread = fmax(second / rows - offset * offset, 0.0);
        float centre = (float)(real(x[channel]) + offset);
        saved[channel] = centre;
        saved[channels + channel] = (float)(1 / sqrt(spread + epsilon));
        mean[channel] = centre;
        variance[channel] = (float)(spread * rows / (rows - 1));
    }
}

// Normalised, a residual added if there is one, negative values cut off if told: y, which may be x.
template <typename T, int V>
__device__ void apply(const T *x, int rows, int channels, const float *means, const float *deviations, int variances, float epsilon,
                      const float *weight, const float *bias, const T *residual, int relu, T *y) {
    int own = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (own >= channels) {
        return;
    }
    Affine<V> affine(means, deviations, weight, bias, own, variances, epsilon);
    float least = relu ? 0 : -__int_as_float(0x7f800000);
    constexpr int ROWS = 2;
    int stride = gridDim.y * blockDim.y;
    for (int first = blockIdx.y * blockDim.y + threadIdx.y; first < rows; first += ROWS * stride) {
        Pack<T, V> pack[ROWS], added[ROWS];
        EACH_ROW {
            pack[r] = load<T, V>(x, row, channels, own);
            if (residual) {
                added[r] = load<T, V>(residual, row, channels, own);
            }
        }
        EACH_ROW {
            #pragma unroll
            for (int i = 0; i < V; i++) {
                float value = affine.of(real(pack[r].at[i]), i);
                if (residual) {
                    value += real(added[r].at[i]);
                }
                store(pack[r].at[i], value < least ? least : value); // what is not a number stays
            }
            save(y, row, channels, own, pack[r]);
        }
    }
}

// Gradients of weight and bias, and the two means that the gradient of x needs: of the gradient, and of its product with what x is beside its mean,
// over the variance. The gradient is a sum where there is more of it; with relu it is masked by y > 0, where y is not given by the normalised
// value. It is written to masked if that is given, which may be the gradient.
template <typename T, int V>
__device__ void reduce(const T *gradient, const T *more, const T *x, const T *y, int relu, T *masked, int rows, int channels, const float *saved,
                       const float *weight, const float *bias, float *ofWeight, float *ofBias, float *means, float *partial,
                       unsigned *arrived) {
    int own = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    float sum[V], product[V];
    #pragma unroll
    for (int i = 0; i < V; i++) {
        sum[i] = product[i] = 0;
    }
    if (own < channels) {
        Affine<V> affine(saved, saved + channels, weight, bias, own, false, 0);
        constexpr int ROWS = V == 8 ? 1 : 2;
        int stride = gridDim.y * blockDim.y;
        for (int first = blockIdx.y * blockDim.y + threadIdx.y; first < rows; first += ROWS * stride) {
            Pack<T, V> pack[ROWS], added[ROWS], input[ROWS], output[ROWS];
            EACH_ROW {
                pack[r] = load<T, V>(gradient, row, channels, own);
                if (more) {
                    added[r] = load<T, V>(more, row, channels, own);
                }
                input[r] = load<T, V>(x, row, channels, own);
                if (y) {
                    output[r] = load<T, V>(y, row, channels, own);
                }
            }
            EACH_ROW {
                #pragma unroll
                for (int i = 0; i < V; i++) {
                    float value = real(input[r].at[i]);
                    bool passes = !relu || (y ? real(output[r].at[i]) : affine.of(value, i)) > 0;
                    float slope = real(pack[r].at[i]);
                    if (more) {
                        slope += real(added[r].at[i]);
                    }
                    slope = passes ? slope : 0;
                    sum[i] += slope;
                    product[i] = fmaf(slope, value - affine.mean[i], product[i]);
                    store(pack[r].at[i], slope);
                }
                if (masked) {
                    save(masked, row, channels, own, pack[r]);
                }
            }
        }
    }
    int channel;
    double first, second;
    if (summed<V>(sum, product, channels, partial, arrived, channel, first, second)) {
        double deviation = saved[channels + channel];
        ofWeight[channel] = (float)(second * deviation);
        ofBias[channel] = (float)first;
        means[channel] = (float)(first / rows);
        means[channels + channel] = (float)(second * deviation * deviation / rows);
    }
}

// The gradient of x, which may be written over the gradient: masked by the normalised value with relu.
template <typename T, int V>
__device__ void backward(const T *gradient, const T *x, int relu, int rows, int channels, const float *saved, const float *weight,
                         const float *bias, const float *means, T *ofX) {
    int own = (blockIdx.x * blockDim.x + threadIdx.x) * V;
    if (own >= channels) {
        return;
    }
    Affine<V> affine(saved, saved + channels, weight, bias, own, false, 0);
    float mean[V], product[V];
    #pragma unroll
    for (int i = 0; i < V; i++) {
        mean[i] = means[own + i];
        product[i] = means[channels + own + i];
    }
    constexpr int ROWS = V == 8 ? 1 : 2;
    int stride = gridDim.y * blockDim.y;
    for (int first = blockIdx.y * blockDim.y + threadIdx.y; first < rows; first += ROWS * stride) {
        Pack<T, V> pack[ROWS], input[ROWS];
        EACH_ROW {
            pack[r] = load<T, V>(gradient, row, channels, own);
            input[r] = load<T, V>(x, row, channels, own);
        }
        EACH_ROW {
            #pragma unroll
            for (int i = 0; i < V; i++) {
                float value = real(input[r].at[i]);
                float slope = relu && !(affine.of(value, i) > 0) ? 0 : real(pack[r].at[i]);
                store(pack[r].at[i], (slope - mean[i] - (value - affine.mean[i]) * product[i]) * affine.scale[i]);
            }
            save(ofX, row, channels, own, pack[r]);
        }
    }
}

// Arrays to copy: what blockIdx.y says.
#define MOST_COPIES 80
struct Copies {
    const void *from[MOST_COPIES];
    float *to[MOST_COPIES];
    int count[MOST_COPIES];
};

template <typename T> __device__ void copy(const Copies &copies) {
    const T *from = (const T *)copies.from[blockIdx.y];
    float *to = copies.to[blockIdx.y];
    int count = copies.count[blockIdx.y];
    #pragma unroll 4
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
        to[i] = real(from[i]);
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) copy_float4(Copies copies) {
    copy<float>(copies);
}

extern "C" __global__ void __launch_bounds__(THREADS) copy_bfloat4(Copies copies) {
    copy<bfloat>(copies);
}

#define KERNELS(T, V, NAME)                                                                                                             \
    extern "C" __global__ void __launch_bounds__(THREADS, 2) statistics_##NAME(                                                            \
        const T *x, int rows, int channels, float epsilon, float *saved, float *mean, float *variance, float *partial,                  \
        unsigned *arrived) {                                                                                                            \
        statistics<T, V>(x, rows, channels, epsilon, saved, mean, variance, partial, arrived);                                          \
    }                                                                                                                                   \
    extern "C" __global__ void __launch_bounds__(THREADS, 2) apply_##NAME(                                                                 \
        const T *x, int rows, int channels, const float *means, const float *deviations, int variances, float epsilon,                  \
        const float *weight, const float *bias, const T *residual, int relu, T *y) {                                                    \
        apply<T, V>(x, rows, channels, means, deviations, variances, epsilon, weight, bias, residual, relu, y);                         \
    }                                                                                                                                   \
    extern "C" __global__ void __launch_bounds__(THREADS) reduce_##NAME(                                                                   \
        const T *gradient, const T *more, const T *x, const T *y, int relu, T *masked, int rows, int channels, const float *saved,                     \
        const float *weight, const float *bias, float *ofWeight, float *ofBias, float *means, float *partial, unsigned *arrived) {      \
        reduce<T, V>(gradient, more, x, y, relu, masked, rows, channels, saved, weight, bias, ofWeight, ofBias, means, partial, arrived);     \
    }                                                                                                                                   \
    extern "C" __global__ void __launch_bounds__(THREADS, 2) backward_##NAME(                                                              \
        const T *gradient, const T *x, int relu, int rows, int channels, const float *saved, const float *weight, const float *bias,    \
        const float *means, T *ofX) {                                                                                                   \
        backward<T, V>(gradient, x, relu, rows, channels, saved, weight, bias, means, ofX);                                             \
    }

KERNELS(float, 4, float4)
KERNELS(bfloat, 4, bfloat4)
KERNELS(bfloat, 8, bfloat8)
