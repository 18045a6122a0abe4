using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace SessionCluster.Testing.PostgreSql;

/// <summary>
/// A PostgreSQL server of the tests' own, in a temporary folder, on a port that the system chose. It ends with the process that
/// started it, however that ends.
/// </summary>
internal sealed class PostgreSqlServer : IDisposable
{
    private const string Password = "a-test";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Lazy<PostgreSqlServer> SharedServer = new(() =>
    {
        var server = new PostgreSqlServer();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        return server;
    });

    private static int _databases;

    private readonly string _folder = Directory.CreateTempSubdirectory("session-cluster-pg-").FullName;

    private readonly string _fsync;

    private readonly string _address;

    private Process? _process;

    private PostgreSqlServer(string fsync = "off", string address = "127.0.0.1")
    {
        (_fsync, _address) = (fsync, address);
        Port = TestPorts.Free();
        File.WriteAllText(Path.Combine(_folder, "password"), Password);
        if (IsRoot)
        {
            Run("chown", ["-R", "postgres", _folder]);
        }

        Run(AsPostgres([Tool("initdb"), "-D", Data, "-U", "sessions", "-A", "scram-sha-256", $"--pwfile={_folder}/password", "-E", "UTF8", "--locale=C", "--no-sync"]));
        File.AppendAllText(Path.Combine(Data, "pg_hba.conf"), "\nhost all all samenet scram-sha-256\n");
        Start();
    }

    /// <summary>One server for all tests of a process that do not harm it; each test makes a database.</summary>
    public static PostgreSqlServer Shared => SharedServer.Value;

    /// <summary>Why there can be no server; null when there can.</summary>
    public static string? WhyNot { get; } = FindTools() is null
        ? "PostgreSQL's server (initdb, postgres) is not installed."
        : IsRoot && !HasUser("postgres") ? "PostgreSQL's server does not run as root, and there is no user postgres." : null;

    public int Port { get; }

    private static bool IsRoot => Environment.UserName == "root";

    private int ServerId => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "log");

    /// <summary>A server that a test may kill.</summary>
    public static PostgreSqlServer StartNew() => new();

    /// <summary>A server at another address of this machine.</summary>
    public static PostgreSqlServer StartAt(string address) => new(address: address);

    /// <summary>A server that flushes its commits to the disk: for measurements.</summary>
    public static PostgreSqlServer StartDurable() => new("on");

    /// <summary>Where a database is, for Npgsql and for the settings.</summary>
    public string ConnectionString(string database, int? port = null) =>
        $"Host={_address};Port={port ?? Port};Database={database};Username=sessions;Password={Password}";

    /// <summary>Makes an empty database; its connection string.</summary>
    public string CreateDatabase()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}");
        using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        command.ExecuteNonQuery();
        return ConnectionString(name);
    }

    /// <summary>Restores a dump of a database into a new one; that one's connection string.</summary>
    public string Copy(string connectionString)
    {
        var (from, to) = (new NpgsqlConnectionStringBuilder(connectionString).Database!, CreateDatabase());
        var dump = Path.Combine(Path.GetTempPath(), $"{from}.dump");
        Tooled("pg_dump", "-Fc", "-f", dump, from);
        Tooled("pg_restore", "-d", new NpgsqlConnectionStringBuilder(to).Database!, dump);
        File.Delete(dump);
        return to;
    }

    /// <summary>Starts the server again after a kill.</summary>
    public void Start()
    {
        // The shell holds the server, and its folder, for as long as this process holds the shell's input, however this process ends.
        string[] settings = [$"listen_addresses={_address}", $"port={Port}", $"unix_socket_directories={_folder}", $"fsync={_fsync}", "max_connections=300", "log_min_messages=fatal"];
        var server = $"'{Tool("postgres")}' -D '{Data}' {string.Join(' ', settings.Select(setting => $"-c {setting}"))} 2>'{Log}' & p=$!; kept=$(cat); kill -QUIT $p; wait $p; [ -n \"$kept\" ] || rm -rf '{_folder}'";
        var (program, arguments) = AsPostgres(["/bin/sh", "-c", server]);
        var since = Stopwatch.GetTimestamp();
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, WorkingDirectory = "/" })!;
        while (!Answers())
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {(File.Exists(Log) ? File.ReadAllText(Log) : "it has written no log.")}");
            }

            Thread.Sleep(50);
        }
    }

    /// <summary>SIGSTOP of the server and its connections: they stay open, and nothing is answered.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>SIGCONT of all that was frozen.</summary>
    public void Thaw() => Signal("CONT");

    /// <summary>Starts one that was killed as a standby of nobody.</summary>
    public void StartAsStandby()
    {
        File.WriteAllText(Path.Combine(Data, "standby.signal"), "");
        Start();
    }

    /// <summary>SIGKILL of the server; its other processes end by themselves. A new one does not start over the memory of those that are left.</summary>
    public void Kill()
    {
        using var server = Process.GetProcessById(ServerId);
        var others = Children(server.Id);
        server.Kill();
        _process!.StandardInput.Write("the folder is kept");
        _process.StandardInput.Close();
        _process.WaitForExit(Patience);
        SpinWait.SpinUntil(() => !others.Any(IsAtWork), Patience);
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Runs one of PostgreSQL's programs against this server; its output.</summary>
    public string Tooled(string tool, params string[] arguments) => Run(
        Tool(tool), ["-h", _address, "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", "sessions", .. arguments]);

    public void Dispose()
    {
        if (_process is { } process)
        {
            _process = null;
            process.StandardInput.Close();
            process.WaitForExit(Patience);
            process.Dispose();
        }
    }

    private void Signal(string signal)
    {
        var server = ServerId;
        Run("kill", [$"-{signal}", server.ToString(CultureInfo.InvariantCulture), .. Children(server)]);
    }

    private static string[] Children(int id) => File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // One that has ended, and that nobody has asked about yet, has no command line any more.
    private static bool IsAtWork(string id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool HasUser(string name) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));

    private static string? FindTools()
    {
        var installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(folder => folder, StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin"))
            : [];
        return installed.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }

    private static string Tool(string name) => Path.Combine(FindTools()!, name);

    private static (string Program, string[] Arguments) AsPostgres(string[] command) =>
        IsRoot ? ("runuser", ["-u", "postgres", "--", .. command]) : (command[0], command[1..]);

    private static void Run((string Program, string[] Arguments) command) => Run(command.Program, command.Arguments);

    private static string Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["PGPASSWORD"] = Password;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} failed: {errors.GetAwaiter().GetResult()}");
    }

    private bool Answers()
    {
        try
        {
            using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false;Timeout=2");
            connection.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
