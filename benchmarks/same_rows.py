"""pgbench doing a bid's row changes in one prepared function, on the same server."""

import os
import re
import subprocess
from dataclasses import dataclass

from benchmarks.installation import Installation
from benchmarks.sales import BenchSale
from sqlalchemy import URL, create_engine, make_url

from auctionxchange.kernel.database import driver_url
from auctionxchange.sandbox.postgres import EmbeddedPostgres

_FUNCTION = """
CREATE OR REPLACE FUNCTION "{schema}".same_rows(the_lot bigint, who bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    SELECT s.*, r.state AS registered INTO held FROM lot_state s
        LEFT JOIN registration r ON r.sale_id = s.sale_id AND r.client_id = who
        WHERE s.lot_id = the_lot FOR UPDATE OF s;
    UPDATE lot_state SET leader_client_id = who, price = coalesce(price, 20000) + 1000,
        maximum = sha256('m'), second_maximum = sha256('s'),
        asking = coalesce(price, 20000) + 3000,
        bid_count = bid_count + 1, version = version + 1, chain_length = chain_length + 1,
        chain_head = sha256('h'), last_at = clock_timestamp() WHERE lot_id = the_lot;
    INSERT INTO ledger_entry (lot_id, sequence, at, kind, payload, hash, client_id, maximum, token,
        salt) VALUES (the_lot, held.chain_length + 1, clock_timestamp(), 'bid', repeat('x', 480),
        sha256('x'), who, sha256('m'), gen_random_uuid(), sha256('y'));
    INSERT INTO exchange.outbox (kind, topic, payload) VALUES
        ('live', 'sale:1', '{{"type":"lot","lot":1,"price":1,"asking":2,"bids":3}}'),
        ('live', 'member:1', '{{"type":"standing","lot":1,"price":1}}'),
        ('live', 'member:2', '{{"type":"standing","lot":1,"price":1}}'),
        ('job', 'bidding.outbid_mail', '{{"lot":1,"client":2,"price":1}}');
END $$
"""


@dataclass(frozen=True, slots=True)
class SameRows:
    """The function in the house of an installation, and the sale whose lots it moves."""

    made: Installation
    sale: BenchSale

    def create(self) -> None:
        """Put the function into the house's schema."""
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(_FUNCTION.format(schema=self.made.house.schema))
        engine.dispose()

    def rate(self, lots: list[int], *, connections: int, seconds: int) -> float:
        """Return transactions a second on some lots of consecutive ids."""
        clients = [client for _email, client, _member in self.sale.bidders]
        script = self.made.folder / "same_rows.sql"
        script.write_text(
            f"\\set lot random({lots[0]}, {lots[-1]})\n"
            f"\\set who random({min(clients)}, {max(clients)})\n"
            "SELECT same_rows(:lot, :who);\n"
        )
        programs = EmbeddedPostgres(self.made.folder / "postgres").binaries()
        command = [str(programs / "pgbench"), "-n", "-f", str(script), "-M", "prepared"]
        command += ["-c", str(connections), "-j", "2", "-T", str(seconds)]
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        done = subprocess.run(  # noqa: S603 - our own binaries
            [*command, address],
            env={**os.environ, "PGOPTIONS": f"-c search_path={self.made.house.schema}"},
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        assert found is not None, done.stdout
        return float(found[1])

    @property
    def _url(self) -> URL:
        return make_url(driver_url(self.made.superuser_url)).set(database="bench")
