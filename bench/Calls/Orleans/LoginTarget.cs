using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace SessionCluster.Calls;

/// <summary>
/// Logins as an application on Orleans would make them: a user's, a session's and an event's grain that each write a state of the size
/// of the product's row, one after the other; or all in one state of the user's. On PostgreSQL by Orleans' ADO.NET storage as it is,
/// over the least table and texts that it can have, one insert or update by key.
/// </summary>
internal sealed class LoginTarget : ITarget
{
    private const string Schema =
        """
        CREATE TABLE OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL);
        CREATE TABLE state (type text, key text, version integer NOT NULL, payload bytea, PRIMARY KEY (type, key));
        INSERT INTO OrleansQuery VALUES
        ('ReadFromStorageKey', 'SELECT payload AS PayloadBinary, version AS Version FROM state WHERE type = @GrainTypeString::text AND key = @GrainIdExtensionString::text'),
        ('WriteToStorageKey', 'INSERT INTO state VALUES (@GrainTypeString::text, @GrainIdExtensionString::text, 1, @PayloadBinary::bytea)
          ON CONFLICT (type, key) DO UPDATE SET version = state.version + 1, payload = excluded.payload WHERE state.version = @GrainStateVersion::integer
          RETURNING version AS NewGrainStateVersion'),
        ('ClearStorageKey', 'UPDATE state SET version = version + 1, payload = NULL
          WHERE type = @GrainTypeString::text AND key = @GrainIdExtensionString::text AND version = @GrainStateVersion::integer RETURNING version AS NewGrainStateVersion')
        """;

    private readonly IHost _host;
    private readonly IGrainFactory _grains;
    private readonly bool _together;
    private long _next;

    private LoginTarget(IHost host, bool together)
    {
        _host = host;
        _together = together;
        _grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    public int InARow => 1;

    /// <param name="connection">An empty database of PostgreSQL.</param>
    public static async Task<ITarget> OnPostgreSql(string connection)
    {
        await using (var source = NpgsqlDataSource.Create(connection))
        {
            await using var command = source.CreateCommand(Schema);
            await command.ExecuteNonQueryAsync();
        }

        return await Start(together: false, silo => silo.AddAdoNetGrainStorage("stock", (AdoNetGrainStorageOptions options) =>
        {
            options.Invariant = "Npgsql";
            options.ConnectionString = connection + ";Max Auto Prepare=20;No Reset On Close=true";
        }));
    }

    /// <param name="file">A file that is not there yet.</param>
    /// <param name="together">Whether a login is one state and one write.</param>
    public static Task<ITarget> OnSqlite(string file, bool together) => Start(
        together,
        silo => silo.Services.AddGrainStorage("stock", (provider, _) => new SqliteRows(file, provider.GetRequiredService<IGrainStorageSerializer>())));

    public Task Call(int caller) => _grains.GetGrain<IStockUserGrain>($"u:{Interlocked.Increment(ref _next):D10}").Login(_together);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static async Task<ITarget> Start(bool together, Action<ISiloBuilder> storage)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => storage(silo.UseLocalhostClustering(FreePort(), FreePort())));
        var host = builder.Build();
        await host.StartAsync();
        return new LoginTarget(host, together);
    }

    /// <summary>Several of these run beside each other.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A user's state; logging in writes it, a session and an event.</summary>
[Alias("bench.stock-user")]
public interface IStockUserGrain : IGrainWithStringKey
{
    [Alias("login")]
    Task Login(bool together);
}

/// <summary>Anything that is kept under a key.</summary>
[Alias("bench.stock-row")]
public interface IStockRowGrain : IGrainWithStringKey
{
    [Alias("write")]
    Task Write(string row);
}

/// <summary>A state of one text.</summary>
[GenerateSerializer]
[Alias("bench.stock-state")]
public sealed class StockState
{
    [Id(0)]
    public string Row { get; set; } = "";
}

/// <inheritdoc/>
[GrainType("stock-user")]
public sealed class StockUserGrain([PersistentState("user", "stock")] IPersistentState<StockState> state) : Grain, IStockUserGrain
{
    // As long as the rows of the product's login are.
    private const int LedgerLength = 420;
    private const int SessionLength = 520;
    private const int EventLength = 480;

    public async Task Login(bool together)
    {
        if (together)
        {
            state.State.Row = new string('a', LedgerLength + SessionLength + EventLength);
            await state.WriteStateAsync();
            return;
        }

        state.State.Row = new string('l', LedgerLength);
        await state.WriteStateAsync();
        await GrainFactory.GetGrain<IStockRowGrain>($"s:{Guid.NewGuid():N}").Write(new string('s', SessionLength));
        await GrainFactory.GetGrain<IStockRowGrain>($"e:{Guid.CreateVersion7():N}").Write(new string('e', EventLength));
    }
}

/// <inheritdoc/>
[GrainType("stock-row")]
public sealed class StockRowGrain([PersistentState("row", "stock")] IPersistentState<StockState> state) : Grain, IStockRowGrain
{
    public Task Write(string row)
    {
        state.State.Row = row;
        return state.WriteStateAsync();
    }
}
