using System.Diagnostics;

namespace SessionCluster.Embedded;

/// <summary>
/// The activations of a grain class by their keys. An activation is its own entry: it costs a place in an array, and no object. Looking
/// takes no lock; changes lock one of several stripes, each an open-addressed array of its own that grows by itself.
/// </summary>
internal sealed class ActivationTable
{
    private const int StripeCount = 64;

    private readonly Stripe[] stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new Stripe())];

    /// <summary>
    /// The activation of a key, as a look without a lock finds it. Null when there is none, and now and then when others change
    /// places at that moment: then <see cref="Find"/> knows.
    /// </summary>
    internal Activation? Glance(HeldKey key)
    {
        var hash = (uint)key.GetHashCode();
        return StripeOf(hash).Glance(key, hash);
    }

    /// <summary>The activation of a key; null when there is none.</summary>
    internal Activation? Find(HeldKey key)
    {
        var hash = (uint)key.GetHashCode();
        return StripeOf(hash).Find(key, hash);
    }

    /// <summary>Adds an activation. False when its key has one already.</summary>
    internal bool TryAdd(Activation activation)
    {
        var hash = (uint)activation.Key.GetHashCode();
        return StripeOf(hash).TryAdd(activation, hash);
    }

    /// <summary>Takes an activation out, and puts the next one of its key in its place, if there is one.</summary>
    internal void Remove(Activation activation, Activation? next = null)
    {
        var hash = (uint)activation.Key.GetHashCode();
        StripeOf(hash).Remove(activation, hash, next);
    }

    /// <summary>All activations, in no order: each that is there all the while, and perhaps some that come or go meanwhile.</summary>
    internal IEnumerable<Activation> All()
    {
        Activation?[] copy = [];
        foreach (var stripe in stripes)
        {
            var length = stripe.CopyTo(ref copy);
            for (var place = 0; place < length; place++)
            {
                if (copy[place] is { } activation)
                {
                    yield return activation;
                }
            }
        }
    }

    private Stripe StripeOf(uint hash) => stripes[hash % StripeCount];

    /// <summary>
    /// An activation stands at the place that its hash names, or behind it with no free place between. At most two thirds of the places
    /// are taken.
    /// </summary>
    private sealed class Stripe
    {
        private const int Fewest = 8;

        private readonly Lock gate = new();
        private Activation?[] places = [];
        private int count;

        internal Activation? Glance(HeldKey key, uint hash)
        {
            var places = Volatile.Read(ref this.places);
            for (int steps = 0, place = Home(hash, places); steps < places.Length; steps++, place = After(place, places))
            {
                if (Volatile.Read(ref places[place]) is not { } activation)
                {
                    return null;
                }

                if (activation.Key.Equals(key))
                {
                    return activation;
                }
            }

            return null;
        }

        internal Activation? Find(HeldKey key, uint hash)
        {
            lock (gate)
            {
                return Glance(key, hash);
            }
        }

        internal bool TryAdd(Activation activation, uint hash)
        {
            lock (gate)
            {
                if (Glance(activation.Key, hash) is not null)
                {
                    return false;
                }

                if ((count + 1) * 3 > places.Length * 2)
                {
                    Grow();
                }

                Put(activation, hash, places);
                count++;
                return true;
            }
        }

        internal void Remove(Activation activation, uint hash, Activation? next)
        {
            lock (gate)
            {
                var hole = Home(hash, places);
                while (places[hole] is { } standing && standing != activation)
                {
                    hole = After(hole, places);
                }

                Debug.Assert(places[hole] == activation, "An activation that leaves is in its table.");

                if (next is not null)
                {
                    Volatile.Write(ref places[hole], next);
                    return;
                }

                count--;
                Close(hole);
            }
        }

        internal int CopyTo(ref Activation?[] copy)
        {
            lock (gate)
            {
                if (copy.Length < places.Length)
                {
                    copy = new Activation?[places.Length];
                }

                places.CopyTo(copy, 0);
                return places.Length;
            }
        }

        // Those behind it move up, as far as none comes to stand before its home.
        private void Close(int hole)
        {
            for (var place = After(hole, places); places[place] is { } activation; place = After(place, places))
            {
                var home = Home((uint)activation.Key.GetHashCode(), places);
                if (Steps(home, place) >= Steps(hole, place))
                {
                    Volatile.Write(ref places[hole], activation);
                    hole = place;
                }
            }

            Volatile.Write(ref places[hole], null);
        }

        private void Grow()
        {
            var larger = new Activation?[Math.Max(Fewest, places.Length + (places.Length / 2))];
            foreach (var activation in places.OfType<Activation>())
            {
                Put(activation, (uint)activation.Key.GetHashCode(), larger);
            }

            Volatile.Write(ref places, larger);
        }

        private int Steps(int from, int to) => to >= from ? to - from : to - from + places.Length;

        private static void Put(Activation activation, uint hash, Activation?[] places)
        {
            var place = Home(hash, places);
            while (places[place] is not null)
            {
                place = After(place, places);
            }

            Volatile.Write(ref places[place], activation);
        }

        // The hash as a fraction of the length: by its upper bits, where the stripe is chosen by the lowest.
        private static int Home(uint hash, Activation?[] places) => (int)((ulong)hash * (uint)places.Length >> 32);

        private static int After(int place, Activation?[] places) => place + 1 < places.Length ? place + 1 : 0;
    }
}
