using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using SessionCluster.Testing;

namespace SessionCluster.Bench.Stock;

/// <summary>
/// Logins as an application on Orleans would make them: a user's, a session's and an event's grain that each write a state of the size
/// of the product's row, one after the other; or all in one state of the user's. By Orleans' ADO.NET storage as it is, over the least
/// table and texts that it can have, one insert or update by key; on SQLite also by a storage that is made for it.
/// </summary>
internal sealed class StockApplication : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IGrainFactory _grains;
    private readonly bool _together;
    private long _next;

    private StockApplication(IHost host, bool together)
    {
        _host = host;
        _together = together;
        _grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    /// <param name="connection">An empty database of PostgreSQL.</param>
    private static async Task<StockApplication> OnPostgreSql(string connection)
    {
        await using (var source = NpgsqlDataSource.Create(connection))
        {
            await using var command = source.CreateCommand(SchemaWith("bytea"));
            await command.ExecuteNonQueryAsync();
        }

        return await StartAdoNet(together: false, "Npgsql", connection + ";Max Auto Prepare=20;No Reset On Close=true");
    }

    /// <summary>On SQLite by Orleans' ADO.NET storage: a connection of the driver's pool for each write, 64 of them at once.</summary>
    /// <param name="file">A file that is not there yet.</param>
    /// <param name="together">Whether a login is one state and one write.</param>
    private static async Task<StockApplication> OnSqliteByAdoNet(string file, bool together)
    {
        var connection = $"Data Source={file}";
        await using (var link = new SqliteConnection(connection))
        {
            await link.OpenAsync();
            await using var command = link.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL; " + SchemaWith("blob");
            await command.ExecuteNonQueryAsync();
        }

        // The name by which Orleans knows Microsoft.Data.Sqlite.
        return await StartAdoNet(together, "System.Data.SQLite", connection);
    }

    /// <summary>On SQLite by the least storage that there can be, without the driver's waits for a lock.</summary>
    /// <param name="file">A file that is not there yet.</param>
    /// <param name="together">Whether a login is one state and one write.</param>
    private static Task<StockApplication> OnSqlite(string file, bool together) => Start(
        together,
        silo => silo.Services.AddGrainStorage("stock", (provider, _) => new SqliteRows(file, provider.GetRequiredService<IGrainStorageSerializer>())));

    /// <summary>The application that the arguments name: a kind of database, and where it is.</summary>
    public static Task<StockApplication> Start(string[] args) => args switch
    {
        ["postgresql", var connection] => OnPostgreSql(connection),
        ["sqlite-adonet", var file] => OnSqliteByAdoNet(file, together: false),
        ["sqlite-adonet-together", var file] => OnSqliteByAdoNet(file, together: true),
        ["sqlite", var file] => OnSqlite(file, together: false),
        ["sqlite-together", var file] => OnSqlite(file, together: true),
        _ => throw new ArgumentException("postgresql and a connection string, or sqlite or sqlite-adonet, alone or with -together, and a file.", nameof(args)),
    };

    public Task LogIn() => _grains.GetGrain<IStockUserGrain>($"u:{Interlocked.Increment(ref _next):D10}").Login(_together);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static Task<StockApplication> StartAdoNet(bool together, string invariant, string connection) => Start(
        together,
        silo => silo.AddAdoNetGrainStorage("stock", (AdoNetGrainStorageOptions options) =>
        {
            options.Invariant = invariant;
            options.ConnectionString = connection;
        }));

    private static async Task<StockApplication> Start(bool together, Action<ISiloBuilder> storage)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => storage(silo.UseLocalhostClustering(TestPorts.Free(), TestPorts.Free())));
        var host = builder.Build();
        await host.StartAsync();
        return new StockApplication(host, together);
    }

    /// <param name="bytes">The type of a column of bytes.</param>
    private static string SchemaWith(string bytes) =>
        $"""
        CREATE TABLE OrleansQuery (QueryKey varchar(64) PRIMARY KEY, QueryText varchar(8000) NOT NULL);
        CREATE TABLE state (type text, key text, version integer NOT NULL, payload {bytes}, PRIMARY KEY (type, key));
        INSERT INTO OrleansQuery VALUES
        ('ReadFromStorageKey', 'SELECT payload AS PayloadBinary, version AS Version FROM state
          WHERE type = CAST(@GrainTypeString AS text) AND key = CAST(@GrainIdExtensionString AS text)'),
        ('WriteToStorageKey', 'INSERT INTO state VALUES (CAST(@GrainTypeString AS text), CAST(@GrainIdExtensionString AS text), 1, CAST(@PayloadBinary AS {bytes}))
          ON CONFLICT (type, key) DO UPDATE SET version = state.version + 1, payload = excluded.payload WHERE state.version = CAST(@GrainStateVersion AS integer)
          RETURNING version AS NewGrainStateVersion'),
        ('ClearStorageKey', 'UPDATE state SET version = version + 1, payload = NULL
          WHERE type = CAST(@GrainTypeString AS text) AND key = CAST(@GrainIdExtensionString AS text) AND version = CAST(@GrainStateVersion AS integer)
          RETURNING version AS NewGrainStateVersion')
        """;
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
